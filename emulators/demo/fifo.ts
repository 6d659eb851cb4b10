import Big from 'big.js';

/** One execution as profit and loss see it. Prices are per unit of quotation, `multiplier` in currency units a point and lot. */
export interface Trade {
  side: 'BUY' | 'SELL';
  quantity: string;
  price: string;
  fee: string;
  multiplier: string;
}

export interface Result {
  realized: string;
  fees: string;
  /** Above zero is long. */
  quantity: string;
  /** What the open lots would bring at the mark. */
  unrealized: string;
}

interface OpenLot {
  /** Above zero is long, below is short. */
  quantity: Big;
  price: Big;
  multiplier: Big;
}

const ZERO = new Big(0);

/**
 * Profit and loss of a run of executions, first in first out, with the lots that stay open valued at `mark`. It is written apart from
 * portfolio's own book-keeping, on signed lots instead of positions, so that the two can be held against each other.
 */
export function firstInFirstOut(trades: Iterable<Trade>, mark: string | undefined): Result {
  const lots: OpenLot[] = [];
  let realized = ZERO;
  let fees = ZERO;
  for (const trade of trades) {
    const price = new Big(trade.price);
    fees = fees.plus(trade.fee);
    let left = trade.side === 'BUY' ? new Big(trade.quantity) : new Big(trade.quantity).neg();
    for (
      let lot = lots[0];
      lot !== undefined && !left.eq(ZERO) && lot.quantity.gt(ZERO) !== left.gt(ZERO);
      lot = lots[0]
    ) {
      const closing = left.abs().lt(lot.quantity.abs()) ? left.neg() : lot.quantity;
      realized = realized.plus(price.minus(lot.price).times(closing).times(lot.multiplier));
      lot.quantity = lot.quantity.minus(closing);
      left = left.plus(closing);
      if (lot.quantity.eq(ZERO)) lots.shift();
    }
    if (!left.eq(ZERO)) lots.push({ quantity: left, price, multiplier: new Big(trade.multiplier) });
  }
  return {
    realized: text(realized),
    fees: text(fees),
    quantity: text(lots.reduce((total, lot) => total.plus(lot.quantity), ZERO)),
    unrealized: mark === undefined ? '0' : text(valueAt(lots, new Big(mark))),
  };
}

function valueAt(lots: readonly OpenLot[], mark: Big): Big {
  return lots.reduce((total, lot) => total.plus(mark.minus(lot.price).times(lot.quantity).times(lot.multiplier)), ZERO);
}

function text(value: Big): string {
  return value.eq(ZERO) ? '0' : value.toFixed();
}
