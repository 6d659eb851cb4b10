import { add } from '#contracts/kit/decimal.ts';
import type { DecisionPoint } from '#contracts/kit/trading-terms.ts';
import type { Transaction } from '#core/database.ts';
import { idOf } from '#core/determinism.ts';
import { type Account, assess } from '../domain/drawdown.ts';
import { type Holding, markOn, resultOf } from '../domain/holding.ts';
import type { Position } from '../domain/position.ts';
import type { MarkPrices } from '../domain/protection.ts';
import {
  announceDrawdown,
  announceExit,
  announceStopMove,
  type PublishMarkEvent,
} from '../publishing/position-events.ts';
import { raisePeak, recordTold } from '../store/accounts.ts';
import type { Loaded } from '../store/holdings.ts';

interface MarkedHolding {
  holding: Holding;
  /** Positions that are not as they were. */
  changed: Position[];
}

/**
 * Marks a holding on a bar and publishes what its stops and its account's equity have to say to it. Undefined where the bar was
 * marked before. The caller writes the holding.
 *
 * It is the same mark whether it comes by itself or with a fill of its bar, so ids come from what is marked, not from the cause.
 */
export async function markHolding(
  tx: Transaction,
  publish: PublishMarkEvent,
  { holding, account, otherResults }: Loaded,
  prices: MarkPrices,
  markedAt: DecisionPoint,
): Promise<MarkedHolding | undefined> {
  const marked = markOn(holding, prices, markedAt, exitIdOf);
  if (marked === undefined) return undefined;
  for (const move of marked.stopMoves) announceStopMove(publish, move, markedAt);
  for (const exit of marked.exits) announceExit(publish, exit, markedAt);
  await watchEquity(tx, publish, account, add(resultOf(marked.holding), otherResults), markedAt);
  const changed = [...marked.stopMoves, ...marked.exits].map(({ position }) => position);
  return { holding: marked.holding, changed };
}

async function watchEquity(
  tx: Transaction,
  publish: PublishMarkEvent,
  account: Account,
  result: string,
  markedAt: DecisionPoint,
): Promise<void> {
  const { currency, peakEquity } = account;
  const assessment = assess(account, add(account.startingEquity, result));
  if (assessment.peakEquity !== peakEquity) await raisePeak(tx, currency, assessment.peakEquity);
  if (assessment.change === 'none') return;
  const isFirst = await recordTold(tx, currency, account.toldDrawdown, assessment);
  if (isFirst && assessment.change !== 'recovered') announceDrawdown(publish, assessment, currency, markedAt);
}

function exitIdOf(positionId: string, { sequence }: DecisionPoint): string {
  return idOf('exit', positionId, String(sequence));
}
