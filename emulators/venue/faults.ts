import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

export const faultPoint = z.enum(['before-log', 'after-log-before-answer']);
export type FaultPoint = z.infer<typeof faultPoint>;

const fault = z.strictObject({ point: faultPoint, count: z.int().min(1) });

export interface Faults {
  /** Arms a fault from `{ point, count }`: each of the next `count` new orders kills the process at the point. */
  arm(params: unknown): void;
  /** Kills the process with SIGKILL, as a crash would, when a fault is armed for this point. */
  strike(point: FaultPoint): void;
}

/** Faults are kept in a file, so that a count above one reaches across the restarts that it causes. */
export function openFaults(directory: string): Faults {
  const path = join(directory, 'fault.json');
  let armed = existsSync(path) ? fault.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;

  const arm = (params: unknown) => {
    armed = fault.parse(params);
    writeFileSync(path, JSON.stringify(armed));
  };
  const strike = (point: FaultPoint) => {
    if (armed?.point !== point) return;
    if (armed.count > 1) writeFileSync(path, JSON.stringify({ point, count: armed.count - 1 }));
    else rmSync(path);
    process.kill(process.pid, 'SIGKILL');
  };
  return { arm, strike };
}
