import { sweepFunction } from '#core/sweep.ts';

export default sweepFunction({ effects: [], timers: [] });
