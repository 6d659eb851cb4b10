import { sweepFunction } from '#core/sweep.ts';
import { publishKeySet } from './effects/publish-key-set.ts';

export default sweepFunction({ effects: [publishKeySet], timers: [] });
