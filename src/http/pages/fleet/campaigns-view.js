import { h, moment, table } from '../shared/dom.js';
import { barWithWords } from './bar.js';
import { sentenceOf, stateParts, wordOf } from './campaign-rows.js';
import { nextPage } from './next-page.js';
import { hrefOf } from './route.js';
import { counted } from './segments.js';

/** All campaigns, the newest first. */
export async function showCampaigns({ route: { query }, api }) {
  const section = h('section', {});
  let items = [];
  const refresh = async () => {
    const page = await api.get('campaigns', { cursor: query.cursor });
    items = page.items;
    section.replaceChildren(
      items.length > 0
        ? table('Campaigns, the newest first', ['Campaign', 'Change', 'State', 'Packages', 'Created'], items.map(rowOf))
        : h('p', {}, 'There are no campaigns that you may see.'),
      nextPage(page.nextCursor && hrefOf('campaigns', '', { cursor: page.nextCursor }), 'campaigns') ?? '',
    );
  };
  await refresh();
  return {
    title: 'Campaigns',
    sentence: () =>
      `${counted(items.length, 'campaigns')}, ${items.filter(({ state }) => state === 'running').length} running.`,
    nodes: [section],
    take: () => true,
    refresh,
  };
}

const rowOf = (campaign) => [
  h('a', { href: hrefOf('campaigns', campaign.id) }, campaign.name),
  wordOf(campaign.change.type),
  wordOf(campaign.state),
  h(
    'div',
    { title: sentenceOf(campaign) },
    barWithWords(`Packages of ${campaign.name}`, stateParts(campaign.progress.counts)),
  ),
  h('span', {}, moment(campaign.createdAt), ` by ${campaign.createdBy}`),
];
