import type { Moment } from '../formula/call.ts';

/** The moment, with a note each time that something looks at it: what does is volatile. */
export function watchedMoment(moment: Moment, note: () => void): Moment {
  return {
    get now() {
      note();
      return moment.now;
    },
    random: () => {
      note();
      return moment.random();
    },
  };
}
