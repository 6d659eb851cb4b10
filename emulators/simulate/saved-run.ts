import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { dataSources } from '../../functions/simulation/engine/request/data-sources.ts';
import { engineVersion } from '../../functions/simulation/engine/version.ts';
import { backends, type RunArguments } from './arguments.ts';
import type { Run } from './run-request.ts';
import { UsageError } from './usage.ts';

const change = z.object({ cell: z.string(), distribution: z.string() });
const copula = z.union([
  z.object({ kind: z.enum(['gaussian', 'iman-conover']) }),
  z.object({ kind: z.literal('t'), freedom: z.number() }),
]);

/** A figure that is no number, as of an output that is an error on every path, is null in JSON. */
const figure = z.number().nullable();
const output = z.looseObject({
  cell: z.string(),
  mean: figure,
  standardError: figure,
  standardDeviation: figure,
  percentiles: z.array(z.looseObject({ percent: z.number(), value: figure })),
});

/** A run on paper: what it takes to repeat it, and what it gave. Nothing in it depends on the machine or the hour. */
const savedRun = z.object({
  format: z.literal('millrace-run/1'),
  engineVersion: z.string(),
  backend: z.enum(backends),
  workbook: z.object({ file: z.string(), sha256: z.string() }),
  /** What the workbook held where the run looked: stored inputs, and outputs worked out from them. */
  data: z.object({
    now: z.number(),
    /** The ranges that distributions were made of, with a hash of their numbers. */
    sources: z.array(z.object({ source: z.string(), values: z.number(), sha256: z.string() })),
    inputs: z.array(z.object({ cell: z.string(), distribution: z.string() })),
    base: z.array(z.object({ cell: z.string(), value: z.unknown() })),
  }),
  request: z.object({
    inputs: z.array(change),
    outputs: z.array(z.string()),
    correlations: z.array(z.object({ first: z.string(), second: z.string(), rank: z.number() })),
    copula,
    thresholds: z.array(z.object({ cell: z.string(), value: z.number() })),
  }),
  settings: z.object({
    paths: z.number(),
    seed: z.number(),
    sampling: z.enum(['random', 'antithetic', 'latin-hypercube', 'sobol']),
    precision: z
      .object({ statistic: z.union([z.literal('mean'), z.number()]), halfWidth: z.number(), relative: z.boolean() })
      .optional(),
    riskLevels: z.array(z.number()),
    percents: z.array(z.number()),
  }),
  correlationsRepaired: z.boolean(),
  result: z.object({
    paths: z.number(),
    stopped: z.enum(['paths', 'precision', 'cancelled']),
    outputs: z.array(output),
  }),
});

export type SavedRun = z.infer<typeof savedRun>;

/** A run as it is saved; its keys are always in the same order. */
export function savedFrom({ asked, opened, now, prepared, result }: Run): SavedRun {
  const { model } = prepared;
  return savedRun.parse(
    JSON.parse(
      JSON.stringify({
        format: 'millrace-run/1',
        engineVersion,
        backend: asked.backend,
        workbook: { file: opened.file, sha256: opened.sha256 },
        data: {
          now,
          sources: dataSources(
            asked.inputs.map(({ distribution }) => distribution),
            opened.workbook,
          ),
          inputs: model.columns.map(({ identity, label }) => ({ cell: identity, distribution: label })),
          base: model.outputs.map((cell, index) => ({ cell, value: model.base[index] ?? null })),
        },
        request: {
          inputs: asked.inputs,
          outputs: asked.outputs,
          correlations: asked.correlations,
          copula: asked.copula,
          thresholds: asked.thresholds,
        },
        settings: {
          paths: asked.paths,
          seed: asked.seed,
          sampling: asked.sampling,
          precision: asked.precision,
          riskLevels: asked.riskLevels,
          percents: asked.percents,
        },
        correlationsRepaired: prepared.repaired,
        result: { paths: result.paths, stopped: result.stopped, outputs: result.outputs },
      }),
    ),
  );
}

export function savedText(run: Run): string {
  return `${JSON.stringify(savedFrom(run), null, 2)}\n`;
}

/** Throws UsageError for what is no saved run. */
export async function readSavedRun(file: string): Promise<SavedRun> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the saved run cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
  const found = savedRun.safeParse(parsedJson(text));
  if (!found.success) throw new UsageError(`${file} is no saved run: ${found.error.issues[0]?.message ?? ''}`);
  return found.data;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The command line that a saved run stands for. */
export function argumentsOf({ request, settings, backend }: SavedRun, file: string): RunArguments {
  return {
    ...request,
    ...settings,
    precision: settings.precision,
    file,
    backend,
    scenarios: [],
    stresses: [],
    workers: undefined,
    report: undefined,
    save: undefined,
    json: false,
  };
}
