import { sweepFunction } from '#core/sweep.ts';
import { startGpuRun } from './effects/start-gpu-run.ts';

export default sweepFunction({ effects: [startGpuRun], timers: [] });
