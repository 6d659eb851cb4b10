import type * as z from 'zod';
import type { createSimulation } from '#contracts/simulation/api.ts';
import { crushSimulation } from './crush-simulation.ts';
import type { Workbook } from './follow.ts';
import type { DemoOptions } from './options.ts';
import { suggestedRun } from './suggest.ts';

type Request = z.input<typeof createSimulation.input>;
type Asked = Pick<Request, 'inputs' | 'outputs' | 'correlations'>;

/** What to ask of the workbook: what was named, the sample's own questions, or what the workbook suggests, and a sentence for the last. */
export function requestFor(
  options: DemoOptions,
  workbook: Workbook,
): { request: Request; because: string | undefined } {
  const { asked, because } = askedOf(options, workbook);
  const { paths, seed, backend } = options;
  return { request: { workbookId: workbook.workbookId, name: workbook.name, paths, seed, backend, ...asked }, because };
}

function askedOf(
  { workbook: file, inputs, outputs }: DemoOptions,
  workbook: Workbook,
): { asked: Asked; because?: string } {
  if (outputs.length > 0) return { asked: { inputs: inputs.map(inputOf), outputs } };
  if (file === undefined) {
    const { inputs: uncertain, correlations, outputs: cells } = crushSimulation;
    return { asked: { inputs: [...uncertain], correlations: [...correlations], outputs: [...cells] } };
  }
  const suggestion = suggestedRun(workbook.contents?.inputs ?? [], workbook.contents?.outputs ?? []);
  if (suggestion === undefined) {
    throw new Error(`${workbook.name} suggests no inputs and outputs: name them with --input and --output`);
  }
  const { because, ...asked } = suggestion;
  return { asked: { inputs: [...asked.inputs], outputs: [...asked.outputs] }, because };
}

function inputOf(text: string): { cell: string; distribution: string } {
  const at = text.indexOf('=');
  if (at <= 0) throw new Error(`--input is written 'Sheet!A1=normal(0,1)', and "${text}" is not`);
  return { cell: text.slice(0, at).trim(), distribution: text.slice(at + 1).trim() };
}
