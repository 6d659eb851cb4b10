import { signalRejected } from '#contracts/risk/events.ts';
import type { Hop, Percentiles } from './latency.ts';
import type { Outcome } from './outcome.ts';

/** What happened, as text for people. `waterfall` is one order's way through the functions. */
export function reportOf(outcome: Outcome, waterfall: string | undefined): string {
  const { prices, seconds, feed, events, rejections, orders, openPositions, accounts, latencies } = outcome;
  const rate = Math.round(prices / seconds);
  return [
    section(`${prices} prices in ${seconds.toFixed(1)} s, ${rate}/s`, [
      ['instrument', 'applied', 'late', 'repeated', 'bars', 'ticks in the open bar'],
      ...feed.map((row) => [row.instrument, row.applied, row.late, row.repeated, row.barsClosed, row.ticksInOpenBar]),
    ]),
    section('Events', [['topic', 'events'], ...positive(events)]),
    section(
      'Rejections by reason',
      rejections.size === 0 ? [['none']] : [['reason', signalRejected.type], ...rejections],
    ),
    section('Orders by state', orders.size === 0 ? [['none']] : [['state', 'orders'], ...orders]),
    section(
      'Open positions',
      openPositions.length === 0
        ? [['none']]
        : [
            ['instrument', 'book', 'lots', 'average', 'mark', 'stop', 'unrealised', 'opened'],
            ...openPositions.map((position) => [
              position.instrument,
              position.book,
              position.quantity,
              position.averagePrice ?? '',
              position.mark ?? '',
              position.stop ?? '',
              position.unrealizedPnl,
              position.openedAt.observedAt.slice(0, 10),
            ]),
          ],
    ),
    section('Profit and loss', [
      ['currency', 'starting equity', 'realised', 'unrealised', 'fees', 'equity', 'drawdown'],
      ...accounts.map((account) => [
        account.currency,
        account.startingEquity,
        account.realizedPnl,
        account.unrealizedPnl,
        account.fees,
        account.equity,
        `${(account.drawdown * 100).toFixed(2)} %`,
      ]),
    ]),
    section('Latency in ms: waiting in Pub/Sub and for earlier events of its key, then working', [
      ['hop', 'events', 'wait p50', 'p95', 'p99', 'work p50', 'p95', 'p99'],
      ...latencies.hops.map(hopRow),
      ['price to order', '', ...percentiles(latencies.tickToOrder)],
    ]),
    ...(waterfall === undefined ? [] : [`One signal's way, from its price to its order\n${waterfall}\n`]),
    conclusion(outcome),
  ].join('\n');
}

function conclusion({ reconciliation: { lost, duplicated, differences } }: Outcome): string {
  if (differences.length === 0) {
    return [
      'Everything adds up: every tick is in a bar or accounted for, every event was processed once by each consumer,',
      'every approval is one order, every execution of the exchange is booked once, and profit and loss computed again',
      'from those executions equals what is stored, to the last digit.',
    ].join('\n');
  }
  return [`${lost} lost, ${duplicated} duplicated:`, ...differences.map((difference) => `  ${difference}`)].join('\n');
}

function hopRow({ function: name, count, waiting, working }: Hop): Cell[] {
  return [name, count, ...percentiles(waiting), ...percentiles(working)];
}

function percentiles({ p50, p95, p99 }: Percentiles): string[] {
  return [p50, p95, p99].map((value) => value.toFixed(1));
}

function positive(counts: ReadonlyMap<string, number>): Cell[][] {
  return [...counts].filter(([, count]) => count > 0);
}

type Cell = string | number;

/** A titled table: the first column to the left, figures to the right. */
function section(title: string, rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
  }
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}
