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
    `**Change:** ${row.change.type}`,
    `**Created:** ${code(row.createdBy)}, ${isoTime(row.createdAt)}`,
    ...(row.startedAt === null ? [] : [`**Started:** ${code(row.startedBy ?? '')}, ${isoTime(row.startedAt)}`]),
    ...(row.finishedAt === null ? [] : [`**Ended:** ${isoTime(row.finishedAt)}`]),
    ...(row.reason === null ? [] : [`**Paused:** ${row.reason.code}`]),
  ];
  page.add(`${facts.join(' · ')}\n`);
  if (row.description !== null) page.add(`${plain(row.description)}\n`);
  if (plan) {
    const approvers = plan.approvals.map(({ approvedBy }) => code(approvedBy)).join(', ');
    page.add(
      `Plan ${code(plan.digest.slice(0, 12))}, approved by ${approvers || 'nobody yet'}; ${plan.missing} of ${plan.required} missing.\n`,
    );
  }
  const lines = waves.map(({ position, settings, state }) => {
    const of = counts.filter(({ wave }) => wave === position);
    return `| ${plain(settings.name)} | ${state} | ${told(of)} |`;
  });
  page.add(`| Wave | State | Packages |\n| --- | --- | --- |\n${lines.join('\n')}\n`);
  const isWhole = groups(items).every(([state, rows]) =>
    page.add(`### ${state} (${rows.length})\n\n${rows.map(line).join('\n')}\n`),
  );
  return isWhole && !isCut ? page.text : `${page.text}\nThere are more than these: read the items as JSON.\n`;
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
  const { path, revision, publishedRevision, error } = row;
  const became = publishedRevision === null ? '' : `, now ${code(publishedRevision)}`;
  const why = error === null || !seesUpstream ? '' : `: ${plain(error.detail)}`;
  return `- ${code(path)} from ${revision === null ? 'a draft' : code(revision)}${became}${why}`;
}
