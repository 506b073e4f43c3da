import type { WaveSettings } from '../../domain/campaign.js';
import type { Mutation } from '../../domain/mutation.js';
import { isoTime } from '../../domain/iso-time.js';
import { code, MarkdownPage, plain } from '../package-diffs/markdown-text.js';
import type { CampaignReport } from './campaign-reports.js';
import { countsOf } from './campaign.view.js';
import type { SeenItem } from './campaign-item.service.js';
import type { ItemRow } from './campaign-row.js';

/** A campaign as one pastes it into a review or a ticket: where it stands, wave by wave, and each item by its state. */
export function toCampaignMarkdown({ campaign, items, isCut }: CampaignReport): string {
  const { row, waves, counts, plan } = campaign;
  const page = new MarkdownPage(`## Campaign ${code(row.name)}: ${row.state}\n`);
  const facts = [
    `**Change:** ${row.change.type}${row.change.type === 'retire' && row.change.force ? ', whatever needs it' : ''}`,
    `**Created:** ${code(row.createdBy)}, ${isoTime(row.createdAt)}`,
    ...(row.startedAt === null ? [] : [`**Started:** ${code(row.startedBy ?? '')}, ${isoTime(row.startedAt)}`]),
    ...(row.finishedAt === null ? [] : [`**Ended:** ${isoTime(row.finishedAt)}`]),
    ...(row.reason === null ? [] : [`**Paused:** ${row.reason.code}`]),
  ];
  page.add(`${facts.join(' · ')}\n`);
  if (row.description !== null) page.add(`${plain(row.description)}\n`);
  if (campaign.seesAll && row.change.type === 'mutate')
    page.add(`${row.change.mutations.map(mutationLine).join('\n')}\n`);
  if (campaign.seesAll && row.selection) page.add(`**Chosen by:** ${code(JSON.stringify(row.selection))}\n`);
  if (plan) {
    const approvers = plan.approvals.map(({ approvedBy }) => code(approvedBy)).join(', ');
    page.add(
      `Plan ${code(plan.digest.slice(0, 12))}, approved by ${approvers || 'nobody yet'}; ${plan.missing} of ${plan.required} missing.\n`,
    );
  }
  const lines = waves.map(({ position, settings, state }) => {
    const of = counts.filter(({ wave }) => wave === position);
    return `| ${plain(settings.name)} | ${state} | ${told(of)} | ${rulesOf(settings)} |`;
  });
  page.add(`| Wave | State | Packages | Rules |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`);
  page.add(`**Budget:** ${row.budget.maxFailures} may fail, ${row.budget.maxUnhealthy} may be unhealthy.\n`);
  if (campaign.waitingFor !== null) page.add(`**Waits:** ${plain(campaign.waitingFor)}\n`);
  const isWhole = groups(items).every(([state, rows]) =>
    page.add(`### ${state} (${rows.length})\n\n${rows.map(line).join('\n')}\n`),
  );
  return isWhole && !isCut ? page.text : `${page.text}\nThere are more than these: read the items as JSON.\n`;
}

function mutationLine({ objects, path, value, remove }: Mutation): string {
  const what = remove ? 'is taken away' : `becomes ${code(JSON.stringify(value))}`;
  return `- ${code(path)} of ${code(JSON.stringify(objects))} ${what}`;
}

function rulesOf({ maxParallel, soakSeconds, gate, approval }: WaveSettings): string {
  const rules = [
    `${maxParallel} at a time`,
    ...(soakSeconds > 0 ? [`watched for ${soakSeconds} s`] : []),
    ...(gate.minHealthyPercent > 0 ? [`${gate.minHealthyPercent} % healthy`] : []),
    ...gate.conditions.map(code),
    ...(approval === 'manual' ? ['begins when somebody says so'] : []),
  ];
  return rules.join(', ');
}

const told = (counts: CampaignReport['campaign']['counts']): string =>
  Object.entries(countsOf(counts))
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ') || 'none';

function groups(items: CampaignReport['items']): [ItemRow['state'], CampaignReport['items']][] {
  const states = [...new Set(items.map(({ row }) => row.state))];
  return states.map((state) => [state, items.filter(({ row }) => row.state === state)]);
}

function line({ row, seesUpstream }: Omit<SeenItem, 'merged'>): string {
  const { path, revision, toRevision, resultTree, publishedRevision, error } = row;
  const goal = publishedRevision === null && seesUpstream && toRevision !== null ? `, to ${code(toRevision)}` : '';
  const tree = publishedRevision === null && resultTree !== null ? `, tree ${code(resultTree.slice(0, 12))}` : '';
  const became = publishedRevision === null ? `${goal}${tree}` : `, now ${code(publishedRevision)}`;
  const why = error === null || !seesUpstream ? '' : `: ${plain(error.detail)}`;
  return `- ${code(path)} from ${revision === null ? 'a draft' : code(revision)}${became}${why}`;
}
