import { parentPort, workerData } from 'node:worker_threads';
import type { Job } from './job.ts';
import { work } from './work.ts';

parentPort?.postMessage(work(workerData as Job));
