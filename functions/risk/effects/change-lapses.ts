import * as z from 'zod';
import { timer } from '#core/timer.ts';
import { settleRequest } from '../store/change-requests.ts';

/** A change that nobody confirmed in time is no longer asked for. */
export const changeLapses = timer({
  name: 'change-lapses',
  data: z.object({ id: z.uuid() }),
  emits: [],
  fire: ({ id }, { tx, now }) => settleRequest(tx, id, 'lapsed', 'lapse of time', now),
});
