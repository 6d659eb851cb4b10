import { pathToFileURL } from 'node:url';
import type { JobDeclaration } from '../../functions/core/function.ts';
import { runJob } from '../../functions/core/run-job.ts';

/** One attempt of a job from its source file, as its bundle runs it in the cloud: `main.ts FILE NAME CONTEXT CALLS`, CALLS in JSON. */
const [file = '', name = '', context = '', calls = '{}'] = process.argv.slice(2);
const module = (await import(pathToFileURL(file).href)) as { default?: JobDeclaration };
if (module.default === undefined) throw new Error(`${file} declares no job`);
process.exit(await runJob(module.default, { name, context, calls: JSON.parse(calls) }, process.env));
