import { expect, it } from 'vitest';
import { eventExamples } from '../../../features/events/event.examples.js';
import { lineOf, type LinedEvent } from './event-line.js';
import { StreamParser } from '../shared/event-stream.js';

const { published } = eventExamples;

const eventOf = (type: string, facts: object): LinedEvent => {
  const [noun = ''] = type.split('.');
  return { ...published, type: `dev.pkgserver.${type}`, subject: 'of/it', data: { [noun]: facts } };
};
const changeOf = (type: string, facts: object) => lineOf(eventOf(type, facts)).change;

it('says of a revision what it is, who did it and what is another now', () => {
  expect(lineOf(published)).toEqual({
    time: expect.stringMatching(/^2026-03-1[345] \d\d:\d\d:53$/) as string,
    type: 'packageRevision.published',
    what: 'edge-1.fleet.nf.core.initial',
    who: 'grace',
    change: 'proposed → published, revision v1',
    tone: 'good',
  });
  const [old, other] = ['a'.repeat(40), 'b'.repeat(64)];
  expect(
    changeOf('packageRevision.edited', { tree: other, commit: old, previously: { tree: old, commit: other } }),
  ).toBe('tree aaaaaaa → bbbbbbb');
  expect(changeOf('packageRevision.tagMoved', { commit: null, previously: { commit: old } })).toBe(
    'commit aaaaaaa → none',
  );
});

it('says what else each noun tells', () => {
  const condition = { type: 'Ready', status: 'False', reason: 'Timeout', message: 'Too slow.' };
  expect(lineOf(eventOf('repository.failed', { name: 'blueprints', condition }))).toMatchObject({
    what: 'blueprints',
    change: 'Ready=False (Timeout) Too slow.',
    tone: 'bad',
  });
  expect(changeOf('repository.discovered', { name: 'b', packages: 0, packageRevisions: 4 })).toBe(
    '0 packages, 4 revisions',
  );
  expect(lineOf(eventOf('package.changed', { path: 'nf/core', changed: ['labels'] }))).toMatchObject({
    what: 'nf/core',
    change: 'labels',
  });
  const drift = { kind: 'headDiffers', path: 'nf/core', ref: 'main' };
  expect(lineOf(eventOf('drift.found', { ...drift, state: 'open' }))).toMatchObject({
    what: 'nf/core',
    change: 'headDiffers main, open',
    tone: 'bad',
  });
  expect(changeOf('drift.resolved', { ...drift, state: 'resolved', resolution: 'gone' })).toBe(
    'headDiffers main, resolved: gone',
  );
  const failed = { kind: 'publish', state: 'failed', error: 'remoteRejected' };
  expect(lineOf(eventOf('operation.finished', failed))).toMatchObject({
    what: 'publish',
    change: 'failed: remoteRejected',
    tone: 'bad',
  });
});

it('shows types that it does not know, and events of nobody', () => {
  const unknown = { ...published, type: 'org.example.thing.done', data: {}, actor: null };
  expect(lineOf(unknown)).toMatchObject({ type: 'org.example.thing.done', what: published.subject, who: '' });
});

it('takes a stream apart in whatever pieces it comes', () => {
  const text = 'retry: 3000\n\nid: 7\ndata: {"sequence":"7"}\n\n: \n\n: \nid: 9\n\nid: 12\ndata: {"sequence":"12"}\n\n';
  for (let size = 1; size <= text.length; size += 1) {
    const parser = new StreamParser();
    const events = [];
    for (let from = 0; from < text.length; from += size) events.push(...parser.take(text.slice(from, from + size)));
    expect(events).toEqual([{ sequence: '7' }, { sequence: '12' }]);
    expect(parser.lastId).toBe('12');
  }
});

it('goes on behind what came whole: an id without its event does not count, one of a comment does', () => {
  const parser = new StreamParser();
  parser.take(': \nid: 9\n\nid: 12\ndata: {"seq');
  expect(parser.lastId).toBe('9');
  parser.forget();
  expect(parser.take('id: 12\ndata: {}\n\n')).toEqual([{}]);
});
