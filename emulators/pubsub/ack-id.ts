/**
 * Ack ids are nine characters that carry two numbers, the lease's slot and its generation, so that an ack finds its
 * lease by array index and no string is made for either direction. The generation starts at random: an id handed out
 * before a restart never matches a lease handed out after it.
 */

export const ACK_ID_LENGTH = 9;
const SLOT_CHARACTERS = 4;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES = new Int8Array(256).fill(-1);
for (let value = 0; value < CODES.length; value++) VALUES[CODES[value] as number] = value;

/** Slots go up to 2^24, generations up to 2^30. */
export function writeAckId(into: Uint8Array, at: number, slot: number, generation: number): number {
  for (let shift = 18; shift >= 0; shift -= 6) into[at++] = CODES[(slot >> shift) & 63] as number;
  for (let shift = 24; shift >= 0; shift -= 6) into[at++] = CODES[(generation >> shift) & 63] as number;
  return at;
}

export function ackIdText(slot: number, generation: number): string {
  const bytes = Buffer.allocUnsafe(ACK_ID_LENGTH);
  writeAckId(bytes, 0, slot, generation);
  return bytes.toString('latin1');
}

/** The slot in the ack id that starts at `at`, or -1 where those bytes are no ack id. */
export function slotAt(bytes: Uint8Array, at: number): number {
  return numberAt(bytes, at, SLOT_CHARACTERS);
}

/** The generation in the ack id that starts at `at`, or -1. */
export function generationAt(bytes: Uint8Array, at: number): number {
  return numberAt(bytes, at + SLOT_CHARACTERS, ACK_ID_LENGTH - SLOT_CHARACTERS);
}

function numberAt(bytes: Uint8Array, at: number, characters: number): number {
  let number = 0;
  for (let index = at; index < at + characters; index++) {
    const value = VALUES[bytes[index] as number] as number;
    if (value < 0) return -1;
    number = (number << 6) | value;
  }
  return number;
}
