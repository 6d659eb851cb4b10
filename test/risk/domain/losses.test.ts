import test from 'ava';
import { closeTrade, LOSS_STREAK_PAUSE_BARS, NO_LOSSES, trippedAt } from '../../../functions/risk/domain/losses.ts';
import { LIMITS } from './given.ts';

const DAY = '2020-04-20T00:00:00.000Z';
const NEXT_DAY = '2020-04-21T00:00:00.000Z';
const trade = (realizedPnl: string, sequence: number, observedAt = DAY) => ({ realizedPnl, sequence, observedAt });

function afterTrades(...trades: ReturnType<typeof trade>[]) {
  return trades.reduce((losses, each) => closeTrade(losses, each, LIMITS).losses, NO_LOSSES);
}

test('one loss more in a row than allowed pauses the position for five bars', (t) => {
  const three = afterTrades(trade('-1', 1), trade('-1', 2), trade('-1', 3));
  const { losses, trips } = closeTrade(three, trade('-1', 4), LIMITS);
  t.deepEqual(
    trips.map(({ cause }) => cause),
    ['loss-streak'],
  );
  t.is(trippedAt(losses, 5, DAY), 'loss-streak');
  t.is(trippedAt(losses, 4 + LOSS_STREAK_PAUSE_BARS, DAY), 'loss-streak');
  t.is(trippedAt(losses, 5 + LOSS_STREAK_PAUSE_BARS, DAY), undefined);
});

test('the bar whose trade tripped the breaker is decided as if it had not', (t) => {
  const losses = afterTrades(trade('-1', 1), trade('-1', 2), trade('-1', 3), trade('-1', 4));
  t.is(trippedAt(losses, 4, DAY), undefined);
});

test('a gain ends a streak', (t) => {
  t.is(afterTrades(trade('-1', 1), trade('-1', 2), trade('1', 3), trade('-1', 4)).streak, 1);
});

test('a streak within a pause prolongs it without a gap', (t) => {
  const first = afterTrades(trade('-1', 1), trade('-1', 1), trade('-1', 1), trade('-1', 1));
  const again = [trade('-1', 3), trade('-1', 3), trade('-1', 3), trade('-1', 3)].reduce(
    (losses, each) => closeTrade(losses, each, LIMITS).losses,
    first,
  );
  t.deepEqual(again.pause, { after: 1, until: 3 + LOSS_STREAK_PAUSE_BARS });
});

test('too large a loss on one day stops the position for the rest of that day', (t) => {
  const { losses, trips } = closeTrade(afterTrades(trade('-600000', 7)), trade('-400001', 8), LIMITS);
  t.deepEqual(
    trips.map(({ cause }) => cause),
    ['daily-loss'],
  );
  t.is(trippedAt(losses, 8, DAY), undefined);
  t.is(trippedAt(losses, 9, DAY), 'daily-loss');
  t.is(trippedAt(losses, 10, NEXT_DAY), undefined);
});

test('losses of another day do not add up', (t) => {
  const { trips } = closeTrade(afterTrades(trade('-600000', 7)), trade('-600000', 8, NEXT_DAY), LIMITS);
  t.deepEqual(trips, []);
});
