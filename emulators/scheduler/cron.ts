/** A schedule in unix-cron: five fields, minute to day of week, as Cloud Scheduler takes them. */
export interface Cron {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  months: ReadonlySet<number>;
  /** 0 is Sunday. */
  daysOfWeek: ReadonlySet<number>;
  /** Where both day fields restrict, either is enough (crontab(5)). */
  eitherDay: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  name: string;
  first: number;
  last: number;
  /** Names of the values from `first` on. */
  names: readonly string[];
}

const MINUTE: Field = { name: 'minute', first: 0, last: 59, names: [] };
const HOUR: Field = { name: 'hour', first: 0, last: 23, names: [] };
const DAY_OF_MONTH: Field = { name: 'day of month', first: 1, last: 31, names: [] };
const MONTH: Field = { name: 'month', first: 1, last: 12, names: MONTHS };
const DAY_OF_WEEK: Field = { name: 'day of week', first: 0, last: 7, names: DAYS };

/** Parses `*`, lists, ranges, steps and names: `0,30 8-18/2 * jan mon-fri`. Throws one line that names the field. */
export function parseCron(schedule: string): Cron {
  const fields = schedule.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || fields.length !== 5) {
    throw new Error(`schedule '${schedule}' needs five fields: minute hour day-of-month month day-of-week`);
  }
  const weekdays = parseField(DAY_OF_WEEK, dayOfWeek);
  return {
    minutes: parseField(MINUTE, minute),
    hours: parseField(HOUR, hour),
    daysOfMonth: parseField(DAY_OF_MONTH, dayOfMonth),
    months: parseField(MONTH, month),
    daysOfWeek: new Set([...weekdays].map((day) => day % 7)),
    eitherDay: !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*'),
  };
}

function parseField(field: Field, text: string): Set<number> {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [first, last, step] = parseItem(field, item);
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function parseItem(field: Field, item: string): [first: number, last: number, step: number] {
  const [, range, stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (range === undefined || step < 1) throw wrong(field, item);
  if (range === '*') return [field.first, field.last, step];
  const [from, to, more] = range.split('-');
  if (from === undefined || more !== undefined) throw wrong(field, item);
  const first = valueFrom(field, from, item);
  if (to !== undefined) {
    const last = valueFrom(field, to, item);
    if (last < first) throw wrong(field, item);
    return [first, last, step];
  }
  return [first, stepText === undefined ? first : field.last, step];
}

function valueFrom(field: Field, text: string, item: string): number {
  const named = field.names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + field.first : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.first && value <= field.last)) throw wrong(field, item);
  return value;
}

function wrong(field: Field, item: string): Error {
  return new Error(`'${item}' is not a ${field.name}: ${field.first} to ${field.last}`);
}
