import { calendarDay, type DateSystem, lastSerial, weekday } from '../formula/dates.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Whether a format's tokens speak of days or hours. */
export function isDateFormat(tokens: readonly string[]): boolean {
  return (
    tokens.some((part) => /^(?:[ymdhs]|\[(?:h+|m+|s+)\]|AM\/PM|A\/P)$/i.test(part)) &&
    !tokens.some((part) => part.toLowerCase() === 'general')
  );
}

type Piece = {
  readonly kind: 'literal' | 'y' | 'm' | 'd' | 'h' | 's' | 'minute' | 'elapsed' | 'noon' | 'fraction';
  readonly text: string;
};

/** A serial written by a date format; ######## where it is no date. */
export function dateText(value: number, tokens: readonly string[], system: DateSystem): string {
  const pieces = piecesOf(tokens);
  // Time that has passed is no date: it may be negative, and longer than the calendar.
  const isDuration = pieces.every(({ kind }) => kind === 'elapsed' || kind === 'literal');
  if (isDuration && value < 0) return `-${dateText(-value, tokens, system)}`;
  if (!isDuration && (value < 0 || value >= lastSerial(system) + 1)) return '#'.repeat(8);
  const decimals = Math.max(
    0,
    ...pieces.filter((piece) => piece.kind === 'fraction').map((piece) => piece.text.length - 1),
  );
  const scale = 10 ** decimals;
  // The moment is rounded to what the format shows of a second, and carries into minutes, hours and days.
  const ticks = Math.round((value - Math.floor(value)) * 86_400 * scale);
  const serial = Math.floor(value) + Math.floor(ticks / (86_400 * scale));
  const inDay = ticks % (86_400 * scale);
  const seconds = Math.floor(inDay / scale);
  const moment = {
    value,
    serial,
    seconds,
    part: inDay % scale,
    decimals,
    system,
    halves: pieces.some((piece) => piece.kind === 'noon'),
  };
  return pieces.map((piece) => written(piece, moment)).join('');
}

type Moment = {
  readonly value: number;
  readonly serial: number;
  readonly seconds: number;
  readonly part: number;
  readonly decimals: number;
  readonly system: DateSystem;
  readonly halves: boolean;
};

/** Runs of one letter become one piece; "m" beside hours or seconds is minutes. */
function piecesOf(tokens: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const part = tokens[at] ?? '';
    const lower = part.toLowerCase();
    const last = pieces.at(-1);
    if (/^\[(?:h+|m+|s+)\]$/.test(lower)) pieces.push({ kind: 'elapsed', text: lower.slice(1, -1) });
    else if (lower === 'am/pm' || lower === 'a/p') pieces.push({ kind: 'noon', text: part });
    else if (/^[ymdhs]$/.test(lower)) {
      const kind = lower as 'y' | 'm' | 'd' | 'h' | 's';
      if (last?.kind === kind && tokens[at - 1]?.toLowerCase() === lower) {
        pieces[pieces.length - 1] = { kind, text: last.text + lower };
      } else pieces.push({ kind, text: lower });
    } else if (lower === '.' && tokens[at + 1] === '0') {
      let text = '.';
      while (tokens[at + 1] === '0') {
        text += '0';
        at += 1;
      }
      pieces.push({ kind: 'fraction', text });
    } else pieces.push({ kind: 'literal', text: plain(part) });
  }
  return pieces.map((piece, index) => {
    if (piece.kind === 'm' && isMinute(pieces, index)) return { ...piece, kind: 'minute' };
    return isElapsedAgain(pieces, index) ? { ...piece, kind: 'elapsed' } : piece;
  });
}

/** After "[h]" a plain "h" counts the hours that have passed as well; so do seconds. */
function isElapsedAgain(pieces: readonly Piece[], index: number): boolean {
  const kind = pieces[index]?.kind;
  if (kind !== 'h' && kind !== 's') return false;
  return pieces.slice(0, index).some((piece) => piece.kind === 'elapsed' && piece.text.startsWith(kind));
}

function isMinute(pieces: readonly Piece[], index: number): boolean {
  const told = (piece: Piece) => piece.kind !== 'literal' && piece.kind !== 'noon' && piece.kind !== 'fraction';
  const before = pieces.slice(0, index).findLast(told);
  const after = pieces.slice(index + 1).find(told);
  if ((pieces[index]?.text.length ?? 0) > 2) return false;
  return (
    before?.kind === 'h' ||
    before?.kind === 's' ||
    (before?.kind === 'elapsed' && before.text.startsWith('h')) ||
    after?.kind === 's' ||
    (after?.kind === 'elapsed' && after.text.startsWith('s'))
  );
}

function plain(part: string): string {
  if (part.startsWith('"')) return part.slice(1, -1);
  if (part.startsWith('\\')) return part.slice(1);
  if (part.startsWith('_')) return ' ';
  return part.startsWith('*') || part.startsWith('[') || part === '@' ? '' : part;
}

function written(piece: Piece, moment: Moment): string {
  const { year, month, day } = calendarDay(moment.serial, moment.system);
  const hour = Math.floor(moment.seconds / 3_600);
  const width = piece.text.length;
  switch (piece.kind) {
    case 'literal':
      return piece.text;
    case 'y':
      return width <= 2 ? two(year % 100) : String(year).padStart(4, '0');
    case 'm':
      return named(month - 1, month, width, months);
    case 'd':
      return width <= 2
        ? named(0, day, width, days)
        : named(weekday(moment.serial, moment.system) - 1, day, Math.min(width, 4), days);
    case 'h':
      return padded(moment.halves ? ((hour + 11) % 12) + 1 : hour, width);
    case 'minute':
      return padded(Math.floor(moment.seconds / 60) % 60, width);
    case 's':
      return padded(moment.seconds % 60, width);
    case 'elapsed':
      return elapsed(piece.text, moment);
    case 'noon':
      return half(piece.text, hour);
    case 'fraction':
      return `.${String(moment.part)
        .padStart(moment.decimals, '0')
        .slice(0, width - 1)}`;
  }
}

function half(text: string, hour: number): string {
  if (text.length > 3) return hour < 12 ? 'AM' : 'PM';
  const letter = hour < 12 ? 'a' : 'p';
  return text.startsWith('A') ? letter.toUpperCase() : letter;
}

function elapsed(text: string, moment: Moment): string {
  const seconds = moment.serial * 86_400 + moment.seconds;
  const unit = text.startsWith('h') ? 3_600 : text.startsWith('m') ? 60 : 1;
  return String(Math.floor(seconds / unit)).padStart(text.length, '0');
}

function named(index: number, number: number, width: number, names: readonly string[]): string {
  if (width <= 2) return padded(number, width);
  const name = names[index] ?? '';
  if (width === 3) return name.slice(0, 3);
  return width === 5 ? name.slice(0, 1) : name;
}

function padded(number: number, width: number): string {
  return width === 1 ? String(number) : two(number);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
