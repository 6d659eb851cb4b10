import { sweepFunction } from '#core/sweep.ts';
import { cancelOrder } from './effects/cancel-order.ts';
import { submitOrder } from './effects/submit-order.ts';

export default sweepFunction({ effects: [submitOrder, cancelOrder], timers: [] });
