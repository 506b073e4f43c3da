import { facts, h, heading, moment, refill, table } from '../shared/dom.js';
import { localTime } from '../shared/time.js';
import { barFigure, barWithWords } from './bar.js';
import { Changes, lookOf, sentenceOf, stateParts, wordOf } from './campaign-rows.js';
import { nextPage } from './next-page.js';
import { hrefOf } from './route.js';

/** One campaign: how far it is, its plan, its waves and its items. `take` and `refresh` keep it so while it goes on. */
export async function showCampaign({ route: { id, query }, api }) {
  const path = `campaigns/${encodeURIComponent(id)}`;
  const changes = new Changes(id);
  const [progress, plan, waves] = ['Progress', 'What it does', 'Waves'].map((name) => section(name));
  const items = section('Packages', Boolean(query.state || query.cursor));
  let campaign;
  let shown = [];
  let to;

  const readCampaign = async () => {
    campaign = await api.get(path);
    const revisionId = campaign.change.to?.revisionId;
    if (revisionId && to?.id !== revisionId) to = await api.find(`package-revisions/${revisionId}`);
    const parts = stateParts(campaign.progress.counts).map((part) => ({
      ...part,
      href: hrefOf('campaigns', id, { state: part.state }),
    }));
    refill(
      progress,
      barFigure(`Progress of ${campaign.name}`, parts, query.state && lookOf(query.state).label),
      progressFacts(campaign),
    );
    refill(plan, planFacts(campaign, to));
    refill(waves, wavesTable(campaign));
  };
  const readItems = async () => {
    const page = await api.get(`${path}/items`, { state: query.state, cursor: query.cursor });
    shown = page.items.map((item) => item.id);
    const next = page.nextCursor && hrefOf('campaigns', id, { state: query.state, cursor: page.nextCursor });
    refill(items, ...itemsOf(id, page.items, query.state), nextPage(next, 'packages') ?? '');
  };
  await readCampaign();
  await readItems();
  return {
    title: `Campaign ${campaign.name}`,
    sentence: () => sentenceOf(campaign),
    nodes: [progress.parentElement, waves.parentElement, items.parentElement, plan.parentElement],
    take: (events) => changes.take(events),
    refresh: async ({ whole }) => {
      const due = changes.due({ shown, filtered: Boolean(query.state) });
      if (whole || due.campaign) await readCampaign();
      if (whole || due.items) await readItems();
    },
  };
}

/** What is refilled, below a heading that stays. */
function section(title, isMeant) {
  const inside = h('div', {});
  h('section', {}, heading(title, isMeant), inside);
  return inside;
}

const progressFacts = ({ state, reason, progress, startedAt, startedBy, finishedAt }) =>
  facts([
    ['State', wordOf(state)],
    ['Why', reason && (reason.by ? `${wordOf(reason.code)}, by ${reason.by}` : wordOf(reason.code))],
    ['Started', startedAt && `${localTime(startedAt)} by ${startedBy}`],
    ['May end', progress.estimate && localTime(progress.estimate)],
    ['Ended', finishedAt && localTime(finishedAt)],
  ]);

function planFacts({ description, change, plan, budget, createdAt, createdBy }, to) {
  const goal = to && `${to.repository}/${to.path} ${to.revision ?? ''}`;
  return facts([
    ['What it is for', description],
    ['Change', [wordOf(change.type), goal && `to ${goal}`].filter(Boolean).join(' ')],
    ['Created', `${localTime(createdAt)} by ${createdBy}`],
    ['Plan', plan ? h('code', {}, plan.digest.slice(0, 16)) : 'there is none'],
    ['Planned', plan && `${localTime(plan.plannedAt)} by ${plan.plannedBy}`],
    [
      'Approvals',
      plan &&
        [
          `${plan.requiredApprovals - plan.missingApprovals} of ${plan.requiredApprovals}`,
          ...plan.approvals.map(({ approvedBy, comment }) => (comment ? `${approvedBy}: ${comment}` : approvedBy)),
        ].join('; '),
    ],
    ['Budget', `${budget.maxFailures} may fail, ${budget.maxUnhealthy} may be unhealthy`],
  ]);
}

const wavesTable = ({ waves, progress }) =>
  table(
    'Waves, one after the other',
    ['Wave', 'State', 'Packages', 'Takes', 'Rules', 'Began', 'Ended'],
    waves.map((wave, index) => [
      `${index + 1}. ${wave.name}`,
      h('span', { class: 'state' }, index === progress.wave ? '▶ ' : '', wordOf(wave.state)),
      barWithWords(`Packages of wave ${wave.name}`, stateParts(wave.counts)),
      wave.labelSelector ??
        (wave.percent === null ? (wave.count === null ? 'all that are left' : `${wave.count}`) : `${wave.percent} %`),
      rulesOf(wave).join('; '),
      moment(wave.startedAt),
      moment(wave.finishedAt),
    ]),
  );

function rulesOf({ maxParallel, soakSeconds, gate, approval, continuedBy, conditions }) {
  const said = new Map(conditions.map(({ type, status }) => [type, status]));
  return [
    `${maxParallel} at a time`,
    ...(soakSeconds > 0 ? [`watched for ${soakSeconds} s`] : []),
    ...(gate.minHealthyPercent > 0 ? [`${gate.minHealthyPercent} % healthy`] : []),
    ...gate.conditions.map((type) => `${type}: ${said.get(type) ?? 'not said'}`),
    ...(approval === 'manual' ? [continuedBy ? `let begin by ${continuedBy}` : 'begins when somebody says so'] : []),
  ];
}

function itemsOf(campaignId, items, state) {
  const rows = items.map((item) => [
    h('a', { href: hrefOf('packages', item.packageId, { diff: item.draftId }) }, item.path),
    item.wave === null ? 'none' : item.wave + 1,
    stateOf(item),
    `${item.from.revision ?? 'draft'} → ${item.revision ?? item.to?.revision ?? '?'}`,
    h('ul', { class: 'plain' }, ...remarksOf(item).map((remark) => h('li', {}, remark))),
  ]);
  const all = h('a', { href: hrefOf('campaigns', campaignId), 'aria-current': !state && 'true' }, 'all');
  return [
    h('p', { class: 'choices' }, 'Shown: ', all, state ? h('strong', {}, `only ${wordOf(state)}`) : null),
    rows.length > 0
      ? table('What is done to each package', ['Package', 'Wave', 'State', 'Revision', 'Remarks'], rows)
      : h('p', {}, 'There are none.'),
  ];
}

function stateOf({ state }) {
  const { sign, tone, label } = lookOf(state);
  return h('span', { class: `state ${tone}` }, h('span', { 'aria-hidden': 'true' }, `${sign} `), label);
}

const remarksOf = ({ error, warnings, summary, attempts }) => [
  ...(error ? [error.detail] : []),
  ...(summary?.open > 0 ? [`${summary.open} of ${summary.conflicts} conflicts are open`] : []),
  ...(attempts > 1 ? [`begun ${attempts} times`] : []),
  ...warnings,
];
