import type { Service } from '../service.ts';
import type { Sealed } from '../store/records.ts';
import { unseal } from './envelope.ts';
import type { ByteRange } from './range.ts';

/** Where an object's bytes lie. */
interface Stored {
  blob: string;
  size: number;
  sealed?: Sealed | undefined;
}

/** The bytes of an object, or of a range of it, as they were put. @throws Refusal (403) where the key that they are under cannot be used */
export async function openedBytes(
  service: Service,
  { blob, size, sealed }: Stored,
  range: ByteRange = { start: 0, end: size },
): Promise<AsyncIterable<Buffer>> {
  const { blobs } = service.store;
  if (range.start === range.end) return nothing();
  if (sealed === undefined) return blobs.read(blob, range);
  return unseal(service, sealed, range, (stored) => blobs.read(blob, stored));
}

async function* nothing(): AsyncGenerator<Buffer> {}
