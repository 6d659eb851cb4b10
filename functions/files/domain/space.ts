import type { FileState } from './file.ts';

/** What an organisation's files take. */
export interface Space {
  usedBytes: number;
  /** For uploads that are asked for, under way or being scanned. */
  reservedBytes: number;
  files: number;
}

interface Allowance {
  quotaBytes: number;
  largestFileBytes: number;
}

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

const STANDARD: Allowance = { quotaBytes: 5 * GiB, largestFileBytes: 512 * MiB };
const BY_PLAN: Readonly<Record<string, Allowance>> = {
  standard: STANDARD,
  professional: { quotaBytes: 100 * GiB, largestFileBytes: GiB },
  enterprise: { quotaBytes: 1024 * GiB, largestFileBytes: GiB },
};

/** What a plan allows; `agreedBytes` is what was agreed with the organisation beside its plan. */
export function allowanceOf(plan: string, agreedBytes: number | undefined): Allowance {
  const { quotaBytes, largestFileBytes } = BY_PLAN[plan] ?? STANDARD;
  return { quotaBytes: agreedBytes ?? quotaBytes, largestFileBytes };
}

export function bytesLeft({ usedBytes, reservedBytes }: Space, { quotaBytes }: Allowance): number {
  return Math.max(0, quotaBytes - usedBytes - reservedBytes);
}

export type Admission =
  | { kind: 'admitted' }
  | { kind: 'refused'; problem: 'too-large' | 'storage-quota-exceeded'; detail: string; bytesLeft: number };

/** Whether there is room for another file. */
export function admit(bytes: number, space: Space, allowance: Allowance): Admission {
  const left = bytesLeft(space, allowance);
  const refused = (problem: 'too-large' | 'storage-quota-exceeded', detail: string): Admission => ({
    kind: 'refused',
    problem,
    detail,
    bytesLeft: left,
  });
  if (bytes > left)
    return refused(
      'storage-quota-exceeded',
      `the file has ${bytes} bytes; ${left} of ${allowance.quotaBytes} are left`,
    );
  if (bytes > allowance.largestFileBytes)
    return refused('too-large', `the file has ${bytes} bytes; one file has at most ${allowance.largestFileBytes}`);
  return { kind: 'admitted' };
}

/** What one file takes in each of its states. */
export function spaceOf(state: FileState | undefined, bytes: number): Space {
  const reserved = state === 'awaiting-upload' || state === 'scanning';
  const used = state === 'clean';
  return { usedBytes: used ? bytes : 0, reservedBytes: reserved ? bytes : 0, files: used ? 1 : 0 };
}

/** By how much the space taken changes when a file goes from one state to another; `undefined`: it was not there. */
export function changeOfSpace(from: FileState | undefined, to: FileState, bytes: number): Space {
  const before = spaceOf(from, bytes);
  const after = spaceOf(to, bytes);
  return {
    usedBytes: after.usedBytes - before.usedBytes,
    reservedBytes: after.reservedBytes - before.reservedBytes,
    files: after.files - before.files,
  };
}
