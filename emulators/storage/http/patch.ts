import * as z from 'zod';
import { isObject } from './call.ts';
import { invalid } from './refusal.ts';

/** Merges as JSON Merge Patch (RFC 7396) says: null takes a name away, lists and plain values replace. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/** @throws Refusal (400) that names the field. */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw invalid(`Invalid value at '${path}': ${issue?.message ?? z.prettifyError(parsed.error)}`, path);
}

/** An int64 or a duration in seconds: the API takes numbers and strings, and gives strings. */
export const int64Text = z.union([z.int(), z.string().regex(/^-?\d{1,19}$/)]).transform((value) => String(value));

/** Storage classes are taken in any case, and kept in upper case. */
export const storageClass = z
  .string()
  .toUpperCase()
  .refine((name) => STORAGE_CLASSES.includes(name), { error: 'unknown storage class' });

const STORAGE_CLASSES = [
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
];

/** An RFC 3339 time, kept in UTC. */
export const timestamp = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
