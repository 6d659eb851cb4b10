import { sweepFunction } from '#core/sweep.ts';
import { removeObject } from './effects/remove-object.ts';
import { uploadExpires } from './effects/upload-expires.ts';

export default sweepFunction({ effects: [removeObject], timers: [uploadExpires] });
