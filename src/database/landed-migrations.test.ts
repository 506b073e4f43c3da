import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = 'prisma/migrations';

/**
 * SHA-256 of each migration that has landed, in their order. Databases keep the same digests and are refused where one
 * differs, so a line here never changes: a correction is a new migration. A new migration adds its line at the end.
 */
const LANDED = [
  ['20261122000000_init', 'c97307590ad0202edeae8075e9052c5ce5443feb689053c4981f896697d7dbfe'],
  ['20261122223727_access', '2a56a9b18418d628fc83605e6ba6e46aa69294c9ef7b7a6fb854365e374953f9'],
  ['20261123023000_open_operations', 'a87169fc3a14702428c1954a3c2054f5ecc4ba3c101b5b5feb0dd9eff62f33f4'],
  ['20261123082201_upstream_links', '91e520de5fba659672060b6dfef2d555ae43b98a2bd31af1e93ec1d648218941'],
  ['20261128131449_retention', 'e4aab86131ad40ca8f53396220abd307e6842cf6b9cf55c18e58df42aa1eb4df'],
  ['20261128171951_entries_by_bytes', '0b9554fbf49d488957d93fc0936a3488f33932937879a7bb89aa8d76e682b1a8'],
  ['20261128173320_parse_warnings', 'd0100198c9abdb1be3988d7b9afca9d6f96b6e83a45db176326a957e0ffdc04c'],
  ['20261128173815_branches_left_over', '4b451e283424f5513dd85dc0ee1b988afde61d4da198da246aea90bd24602590'],
  ['20261128174336_last_decision', '1571ef8250debff9b770f41533220b3112745cb2549a518ca0de050847bb78ee'],
  ['20261128174803_bound_access', 'e1689865566c1232cbf0c00380bacf83ed429c26aa773082d1a90c74401e4116'],
  ['20261128180528_numbers_of_any_size', 'cfb23b28a8a4f52972fab8103cc85dcb87c3a7e1bddafdb14d12953ee665d250'],
  ['20261128181004_discovery', 'ca8b7bb622ad0fe7301f00accb19d3bde385c568c0d3afc479bd24467e040b85'],
  ['20261128181331_moved_repositories', '09e80e3fef0df890837e2906347c393d3a57de18556796550dea9f553ad12d60'],
  ['20261128183900_namesakes', 'f7c5c89cc91625aefed93ddc793deee9bf5f438bb2d3f3606e466bcca5657bff'],
  ['20261128184200_heads', '4ee534ce0a14dbdbbae11bc31f0bca1c0909b0f2e5d4801046c44db4fdaca7f0'],
  ['20261128202239_git_authors', 'eeca6ad999ebfe57be7006bd73216d5c4b10bc3fb18723159bffe035b5ec8b6f'],
  ['20261128203336_waiting_revisions', '6634cc7706ef0c3dc6aaf1b6cc0bac1dd7def750ceaf3097e793d641587b89ce'],
  ['20261128204503_external', '4fae1f69eb1644143ff61f87bd1881bdcd4c4167e8e6d67ee82376d26bec2948'],
  ['20261128210210_times_and_people', '17080dd56ae2ca48cd42009461bdb0caf82e7ef4a47895b1e0699a9a1a80d050'],
  ['20261128213800_package_labels', '72c9444c75760bb3888c9ddacfc8ab04bb9f88432e32d0feb16ef8d4a3d513be'],
  ['20261128233530_tombstones', '887ac7061d486a2281426d0aa68ac57c196292aedffe68e7cb197219cca87381'],
  [
    '20261129000728_definitions_of_custom_resources',
    '805fc35a4bcdde45f76f4883a00eac670002df58fd298c5fc8f664c18525e32b',
  ],
  ['20261129003300_search', '74f261e199e7efa21c67b7f53b2de156dad5bb4d5ff8d82df1f3d0a16f16fe32'],
  ['20261129003400_search_views', 'f1daf44dcedbd6b8d3417e639d844640c26c2aa5950011ffb238ab76fadae1ae'],
  ['20261129005700_ref_history', '5b04ecb878d4371c90616a43b33d56a7f73ea236e68e1fa24c33c8b48ddd423f'],
  ['20261129012800_body_statistics', 'cb5772651fd91a063f91163f4bf7318e8a07e1fb70f1bd572fa35a1e2378c9a0'],
  ['20261129063115_contents_of_commits', '62f55fba18b772d65c2b828741f6806e1cc9297c796665e26b7f4523bc47a9c1'],
  ['20261129072800_images_of_kptfiles', 'cc1a5fe6e06b1a14f661711ecfc1109b8e2f46faa3d4c3c765ccbd65befe4ab8'],
  ['20261129093932_receivers', 'dd7bd89c3d141646c7c5a9239b4587644144b36200015568b844cb1f8f98def5'],
  ['20261129094700_traceparent', 'b9f7df983b92bb3035344d22dffc4eb0fb9109bc6ffebba680ea269ab5ec25e2'],
  ['20261129101900_events', '7b3a789dbeade76e70821528f253bd718814ec0089c284377ef26cad51f01411'],
  ['20261129103824_webhooks', 'ea179e27b4d394932794366716fd371e184dee63d0cb7a483b090a19c48eda9f'],
  ['20261129112000_event_traces', 'd45b991aa25077db5a1ac27db9e350d2a5a5466236fd2ead25364ed3c40c8b07'],
  ['20261129132304_webhook_label_selector', 'fdb9cf74c39efa70d6639d918ada03202d49e846079b61851b71b48dbd9b320a'],
  ['20261129132442_drift', '496eb1ceb44f5bfefab278a64002133eca58210af855e0c89f7bd44872543606'],
  ['20261129151600_drift_of_heads', '8200eac0bc6f44d52df6c20d01061a96155725d59a4af6ba943613051d79a89d'],
  ['20261129171000_bulk', 'de3e926de7bda126f92368b94e179d48e1b393293cfe6015b0d334c32e630fa5'],
  ['20261129171333_upstreams', 'cb0d91c3f60d56d302022468a031ac990bf46c23ddedc724be2c97f5a4f995d5'],
  ['20261129180618_upgrade_previews', '43a9cf1cf89f0c9b3c06ec530a78d2585190926759e4d3bd9e963981fd8e8a66'],
  ['20261129204352_bulk_drafts', '20de54a5a2f629a738c2fc90e538e521653c74aa9ba8c914b1f04a70bdb548a2'],
  ['20261129205154_clone_places', 'a2f8a2a39c2b633eded8c1dfcb9c0822b42b9a26507e2b671aa1ccff91c2865e'],
  ['20261129211436_listed_upgrade_previews', '464d208f6cc205e514347e89049a2ed2d22bedca21bc81c9b17e71b88baa6ad9'],
  ['20261129213258_subpackages', '46aa3071f997f602e9618738345ded914ec4d44a0f4f5db7be9e55f136dac466'],
  ['20261130002500_targets', '230068de6d3762971d26f87e9c005a10a01faae0311a689a153fc7e3516336ff'],
  ['20261130031000_package_deliveries', 'b1df54ea6e91a918cab105df26eec250612155f88156da5d558dc81ea619acfc'],
  ['20261130041500_delivery_receivers', '183bbcd30c7d51dd2f9e972160ddd8713a86a678d1dfe6663265a7e660beeb39'],
  ['20261130044500_variants', 'b2aa843012e8aa8bb14800c06af69acaea56479c7cc4a7572bda56f4a1d5b680'],
  ['20261130050000_campaigns', '2df34457bf9b77cc320c1c9b7805bfb34126f81d5b5a88675cb443106c5a4a2b'],
  ['20261130053000_campaign_item_places', '0d88758a90a4937302e949b3731b1024ed7e1df8f968ed6fba0c5ca84fa4c57f'],
  ['20261130081105_campaign_order', '2f0c612bd451e08c48688d0ecef49ec1f87f81b6d086067ca0988f129034720f'],
  ['20261130111613_variant_merge', '51efe3898fcef279a3b211eb8740cf7ecd4ccbccfe801467e5badffefe4c70b6'],
  ['20261130184406_known_user_name', '8d19bbf6f33651f5385db224ac319610e88de8dc251a2030f817ef1cbcbc955b'],
  ['20261130190347_operation_item_warnings', '80d6315a4abadfb231a1de5b929b48ba97b3385daa6e999dd225193b6199459a'],
  ['20261130193539_subpackages_by_upstream', '4df35e04dde5f5799afcbb39d74e9e7365c745c835469401752cc7387f18cf5a'],
  ['20261130223022_read_replicas', 'abb64ea75bf3cc1b2f03792db9a6f68556a5404287891945dfa4b2df1b27e242'],
  ['20261130230022_blobs_beside_the_database', '664d7b4486dadc3c3456cbb844cc379d67a12d00f640d45a85c6dba874dd9d0f'],
  ['20261201033730_open_and_waiting', '259f4b8a633865dcbfe2ace6a577ff4b363533f437f60f41582d9aefd7f3013e'],
  ['20261201035312_objects_in_search_order', '0992930bb2b566a3395d23dfd8c2132414d4afac9c0d5ddbfc33a3151a35fd9d'],
] as const;

describe('the migrations', () => {
  it('are those that have landed, unchanged, each newer than the ones before', async () => {
    const entries = await readdir(FOLDER, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const present = await Promise.all(
      names.sort().map(async (name) => {
        const sql = await readFile(join(FOLDER, name, 'migration.sql'));
        return [name, createHash('sha256').update(sql).digest('hex')];
      }),
    );
    expect(present, 'A landed migration was edited, or a new one has no line in this test').toEqual(LANDED);
  });
});
