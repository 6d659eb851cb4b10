/** The engine failed where it should not: an error of ours, or memory that was not enough. Repeating it changes nothing. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';

  constructor(cause: unknown) {
    super(`The engine failed: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
