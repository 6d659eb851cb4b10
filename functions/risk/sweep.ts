import { sweepFunction } from '#core/sweep.ts';
import { changeLapses } from './effects/change-lapses.ts';

export default sweepFunction({ effects: [], timers: [changeLapses] });
