import { invalid } from '../http/refusal.ts';

/** What a PUT to a resumable upload brings: bytes from `start`, or with undefined none, as a question how many are there. */
export interface ContentRange {
  start: number | undefined;
  /** Behind the last byte of this request; undefined where it says `*`. */
  end: number | undefined;
  /** Of the whole object; undefined where it is not known yet. */
  total: number | undefined;
}

/** `bytes 0-262143/1000000`, `bytes 0-262143/*`, `bytes 0-* /*`, `bytes * /1000000`, … @throws Refusal */
export function parseContentRange(text: string | undefined): ContentRange {
  if (text === undefined) return { start: 0, end: undefined, total: undefined };
  const found = /^bytes (?:\*|(\d+)-(\d+|\*))\/(\d+|\*)$/.exec(text.trim());
  if (found === null) throw invalid(`Failed to parse Content-Range header: ${text}`);
  const [, start, last, total = '*'] = found;
  return {
    start: start === undefined ? undefined : Number(start),
    end: last === undefined || last === '*' ? undefined : Number(last) + 1,
    total: total === '*' ? undefined : Number(total),
  };
}
