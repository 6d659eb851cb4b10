import { add, canonical, larger, toNumber } from '#contracts/kit/decimal.ts';
import { getPerformance } from '#contracts/portfolio/api.ts';
import { httpFunction } from '#core/function.ts';
import { drawdownOf } from './domain/drawdown.ts';
import { resultOf } from './domain/holding.ts';
import { type AccountTotals, findAccountTotals } from './store/performance.ts';

export default httpFunction(getPerformance, { cpu: 1, concurrency: 40, maxInstances: 5 }, async (_, { tx }) => {
  const totals = await findAccountTotals(tx);
  return { accounts: totals.map(accountView) };
});

function accountView(totals: AccountTotals) {
  const equity = add(totals.startingEquity, resultOf(totals));
  const peakEquity = larger(totals.peakEquity, equity);
  return {
    currency: totals.currency,
    startingEquity: canonical(totals.startingEquity),
    realizedPnl: canonical(totals.realized),
    unrealizedPnl: canonical(totals.unrealized),
    fees: canonical(totals.fees),
    equity,
    peakEquity: canonical(peakEquity),
    drawdown: toNumber(drawdownOf(peakEquity, equity)),
  };
}
