import type { QuarantineReason } from '../domain/file.ts';

/** Something in a file that keeps it from being released. Thrown from however deep in nested archives it is found. */
export class Finding extends Error {
  override readonly name = 'Finding';
  readonly reason: QuarantineReason;

  /** `message`: a sentence for whoever uploaded the file. */
  constructor(reason: QuarantineReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
