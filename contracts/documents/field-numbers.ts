import { readFile } from 'node:fs/promises';
import type { MessageShape } from './message-shape.ts';
import { byName } from './order.ts';

/**
 * The protocol buffer field numbers of one topic: by the message's path (`''` is the payload, `ticks` what its field `ticks`
 * holds), by field name. A field that has gone stays listed, so that its number is never given to another.
 */
export type FieldNumbers = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Every topic's, as generated/field-numbers.json has them. */
export type CommittedFieldNumbers = Readonly<Record<string, FieldNumbers>>;

const COMMITTED = new URL('../generated/field-numbers.json', import.meta.url);

/** The numbers under version control. Rejects where the file is missing or is not JSON. */
export async function committedFieldNumbers(): Promise<CommittedFieldNumbers> {
  return JSON.parse(await readFile(COMMITTED, 'utf8'));
}

/** Keeps every number there is and gives each new field its message's next one. */
export function extendFieldNumbers(shape: MessageShape, known: FieldNumbers = {}): FieldNumbers {
  const numbers: Record<string, Readonly<Record<string, number>>> = { ...known };
  number(shape, '');
  return byName(numbers);

  function number({ fields }: MessageShape, path: string): void {
    const own: Record<string, number> = { ...numbers[path] };
    let last = Math.max(0, ...Object.values(own));
    for (const { name, message } of fields) {
      own[name] ??= ++last;
      if (message !== undefined) number(message, path === '' ? name : `${path}.${name}`);
    }
    numbers[path] = own;
  }
}
