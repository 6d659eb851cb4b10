import type * as z from 'zod';

/** The contract of work that runs as a process of its own until it is done, on hardware that functions do not have: a Cloud Run job. */
export interface JobContract<Input extends z.ZodType = z.ZodType> {
  readonly kind: 'job';
  /** Unique in the platform. */
  readonly name: string;
  readonly summary: string;
  /** What one execution is given: names of what it works on rather than the work itself, since it travels in a variable. */
  readonly input: Input;
}

/** Declares a job. Throws a TypeError on a name that no variable could be named after. */
export function jobContract<Input extends z.ZodType>(declaration: {
  name: string;
  summary: string;
  input: Input;
}): JobContract<Input> {
  if (!/^[a-z][a-z0-9-]{0,47}[a-z0-9]$/.test(declaration.name))
    throw new TypeError(`not the name of a job: ${declaration.name}`);
  return Object.freeze({ kind: 'job', ...declaration });
}
