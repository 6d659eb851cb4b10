import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Client, createClient } from '#contracts/client.ts';
import { register } from '#contracts/identity/api.ts';
import { createSimulation } from '#contracts/simulation/api.ts';
import { type Cloud, startCloud } from '../../cloud/cloud.ts';
import { accepted, logIn } from '../../demo/account.ts';
import { crushMargin } from '../sample/crush-margin.ts';
import { workbookFile } from '../sample/workbook-file.ts';
import { followed, parsed, type Results } from './follow.ts';
import type { DemoOptions } from './options.ts';
import { requestFor } from './request.ts';
import { type LocalFile, scanned, upload } from './upload.ts';

export interface DemoRun {
  results: Results;
  /** What was drawn from what. */
  inputs: readonly { cell: string; distribution: string }[];
  /** The cells and ranges that were asked for. */
  outputs: readonly string[];
  /** Seconds from asking for the simulation to its results. */
  seconds: number;
}

const EMAIL = 'risk@demo.millrace.local';
const ORGANIZATION = 'Millrace demo crusher';

/**
 * Boots the local cloud and takes a workbook the whole way: upload by a signed URL, scan, parse, run, results. The cloud is stopped
 * when it is over, also where it failed or was aborted. Throws an Error of one line on what the user can mend. Undefined: it was aborted.
 */
export async function runDemo(
  options: DemoOptions,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<DemoRun | undefined> {
  const file = await localFile(options.workbook);
  const cloud = await startCloud(options.cloud);
  try {
    if (signal.aborted) return undefined;
    say(`local cloud ready in ${cloud.secondsToReady.toFixed(1)} s, its state in ${cloud.options.folder}`);
    return await simulated(cloud, file, options, say, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    await cloud.stop();
  }
}

async function simulated(
  cloud: Cloud,
  file: LocalFile,
  options: DemoOptions,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<DemoRun> {
  const user = await newUser(cloud);
  const fileId = await upload(user, file, signal);
  say(`${file.name} uploaded (${file.bytes.length} bytes); waiting for the scan`);
  await scanned(user, fileId, signal);
  const workbook = await parsed(user, fileId, signal);
  const formulas = workbook.contents?.sheets.reduce((sum, sheet) => sum + sheet.formulas, 0) ?? 0;
  say(`${file.name} is clean and read: ${formulas} formulas`);
  const { request, because } = requestFor(options, workbook);
  if (because !== undefined) say(`nothing was named, so the workbook's own suggestions are used: ${because}`);
  const startedAt = performance.now();
  const { simulationId } = accepted('asking for the simulation', await user.call(createSimulation, request));
  const results = await followed(user, simulationId, options.paths, signal);
  return {
    results,
    inputs: request.inputs ?? [],
    outputs: request.outputs,
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

async function localFile(path: string | undefined): Promise<LocalFile> {
  if (path === undefined) return { name: 'crush-margin.xlsx', bytes: await workbookFile(crushMargin()) };
  try {
    return { name: basename(path), bytes: await readFile(path) };
  } catch (error) {
    throw new Error(`the workbook cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}

async function newUser(cloud: Cloud): Promise<Client> {
  const gateway = `http://127.0.0.1:${cloud.options.ports.gateway}`;
  const password = randomBytes(18).toString('base64url');
  const registering = createClient(gateway).call(register, { email: EMAIL, password, organizationName: ORGANIZATION });
  accepted('registering a risk officer', await registering);
  return logIn(gateway, EMAIL, password);
}
