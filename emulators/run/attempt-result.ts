import { constants } from 'node:os';
import { status as Code } from '@grpc/grpc-js';
import type { Ending } from './attempt.ts';
import type { AttemptResult } from './resources.ts';

/** What the API tells of how an attempt ended. */
export function attemptResult(ending: Ending): AttemptResult {
  switch (ending.by) {
    case 'exit':
      return ending.code === 0
        ? { status: { code: Code.OK, message: '' }, exitCode: 0 }
        : { status: { code: Code.UNKNOWN, message: 'The container exited with an error.' }, exitCode: ending.code };
    case 'signal':
      return {
        status: { code: Code.UNKNOWN, message: 'The container was ended by a signal.' },
        termSignal: constants.signals[ending.signal],
      };
    case 'timeout':
      return {
        status: { code: Code.DEADLINE_EXCEEDED, message: 'The configured timeout was reached.' },
        termSignal: constants.signals.SIGTERM,
      };
    case 'failure':
      return { status: { code: Code.INTERNAL, message: ending.message } };
    default:
      return ending satisfies never;
  }
}

/** The attempt that a restart of the service cut off. */
export const interrupted: AttemptResult = {
  status: { code: Code.UNAVAILABLE, message: 'The attempt was interrupted by a restart.' },
};

/** `Task t failed with exit code: 1 and message: …` */
export function failureMessage(task: string, { status, exitCode }: AttemptResult): string {
  const code = exitCode === undefined ? '' : `exit code: ${exitCode} and `;
  return `Task ${task} failed with ${code}message: ${status.message}`;
}
