import { Transform } from 'node:stream';

/** Passes bytes on up to a count, and fails there: what reads it is cut off. */
export function cutAfter(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (chunk.length <= left) {
        left -= chunk.length;
        done(null, chunk);
        return;
      }
      this.push(chunk.subarray(0, left));
      setImmediate(() => done(new Error('cut off, as the test of retries wants it')));
    },
  });
}
