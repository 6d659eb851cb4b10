import type { Cron } from './cron.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Long enough for 29 February across a year like 2100, which has none. */
const HORIZON_MS = 9 * 366 * 24 * HOUR_MS;

/** What clocks on the wall show in a time zone at an instant (milliseconds since 1970). */
interface WallTime {
  minute: number;
  hour: number;
  day: number;
  month: number;
  /** 0 is Sunday. */
  weekday: number;
}

export type WallClock = (instantMs: number) => WallTime;

/** Throws where the name is not a time zone of the IANA database. */
export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (instantMs) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = part;
    return { minute, hour, day, month, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
  };
}

export function matches(cron: Cron, at: WallTime): boolean {
  return cron.minutes.has(at.minute) && cron.hours.has(at.hour) && dayMatches(cron, at);
}

function dayMatches(cron: Cron, at: WallTime): boolean {
  if (!cron.months.has(at.month)) return false;
  const ofMonth = cron.daysOfMonth.has(at.day);
  const ofWeek = cron.daysOfWeek.has(at.weekday);
  return cron.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}

/**
 * The first full minute after an instant whose time on the wall fits. Where clocks go forward, the hour they skip never
 * comes; where they go back, the hour they repeat comes twice. Undefined: none in nine years (30 February).
 */
export function nextTime(cron: Cron, wall: WallClock, afterMs: number): number | undefined {
  let instant = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  const end = instant + HORIZON_MS;
  while (instant < end) {
    const at = wall(instant);
    if (!dayMatches(cron, at)) {
      instant += toLateEvening(at);
    } else if (!cron.hours.has(at.hour)) {
      instant += (60 - at.minute) * MINUTE_MS;
    } else if (!cron.minutes.has(at.minute)) {
      instant += MINUTE_MS;
    } else {
      return instant;
    }
  }
  return undefined;
}

/** A day may be shorter than 24 hours, so the leap stops two short of midnight and goes on by the hour. */
function toLateEvening({ hour, minute }: WallTime): number {
  const hours = Math.max(1, 22 - hour);
  return hours * HOUR_MS - minute * MINUTE_MS;
}
