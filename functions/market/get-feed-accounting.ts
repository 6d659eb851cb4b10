import { getFeedAccounting } from '#contracts/market/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadFeedAccounting } from './store/feed-accounts.ts';

export default httpFunction(
  getFeedAccounting,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 2 },
  async ({ feed }, { tx }) => ({ feed, instruments: await loadFeedAccounting(tx, feed) }),
);
