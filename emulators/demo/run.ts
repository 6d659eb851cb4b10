import { PubSub } from '@google-cloud/pubsub';
import { createPublisher } from '#contracts/publisher.ts';
import { readSpanFiles } from '#core/span-files.ts';
import { type Cloud, startCloud } from '../cloud/cloud.ts';
import { type Control, openControl } from '../cloud/control.ts';
import { showProgress } from '../progress.ts';
import { lineage, renderWaterfall } from '../trace.ts';
import { grantMandates, openDesk } from './desk.ts';
import type { Latencies } from './latency.ts';
import type { DemoOptions } from './options.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { checkPriceFiles, filePrices, type Prices, seriesPrices } from './prices.ts';
import { FEED, replay } from './replay.ts';
import { isWatcher, watchEvents } from './watcher.ts';

export interface DemoRun {
  outcome: Outcome;
  /** One order's way through the functions; undefined where there was no order. */
  waterfall: string | undefined;
}

/** The time that anything may take that ends by itself. */
const QUIET_DEADLINE_MS = 10 * 60_000;

/**
 * Boots the local cloud, lets a desk trade the prices, and says what came of it. The cloud is stopped when it is over, also where it
 * failed or was aborted. Throws an Error of one line on what the user can mend. Undefined: it was aborted.
 */
export async function runDemo(
  options: DemoOptions,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<DemoRun | undefined> {
  const files = await checkPriceFiles(options.prices);
  for (const { path, gaps } of files) {
    if (gaps.length > 0)
      say(`${path}: ${gaps.length} row(s) without a price passed over, the first in line ${gaps[0]}`);
  }
  const cloud = await startCloud(options.cloud);
  try {
    if (signal.aborted) return undefined;
    say(`local cloud ready in ${cloud.secondsToReady.toFixed(1)} s, its state in ${cloud.options.folder}`);
    const control = await openControl(cloud);
    try {
      await control.quiet(QUIET_DEADLINE_MS);
      const watcher = await watchEvents(cloud);
      try {
        const desk = await openDesk(cloud);
        const prices = files.length === 0 ? seriesPrices() : await filePrices(files, desk);
        await grantMandates(desk, prices.instruments);
        await control.quiet(QUIET_DEADLINE_MS);
        say(`${desk.email} trades ${prices.instruments.join(', ')}`);

        const { published, seconds } = await publishPrices(cloud, control, prices, options, signal);
        if (signal.aborted) return undefined;
        const outcome = await readOutcome(cloud, desk, watcher, published, seconds);
        return { outcome, waterfall: await waterfallOf(cloud, outcome.latencies) };
      } finally {
        await watcher.close();
      }
    } finally {
      await control.close();
    }
  } finally {
    await cloud.stop();
  }
}

async function publishPrices(
  cloud: Cloud,
  control: Control,
  prices: Prices,
  { pace }: DemoOptions,
  signal: AbortSignal,
): Promise<{ published: Map<string, number>; seconds: number }> {
  const pubsub = new PubSub({
    projectId: cloud.plan.project,
    apiEndpoint: `127.0.0.1:${cloud.options.ports.pubsub}`,
    emulatorMode: true,
  });
  const publisher = createPublisher(pubsub, `/feeds/${FEED}`);
  const progress = showProgress('prices', prices.total);
  const quiet = () => control.quiet(QUIET_DEADLINE_MS);
  const startedAt = performance.now();
  try {
    const published = await replay({
      publisher,
      ticks: prices.ticks,
      ticksPerMessage: prices.ticksPerMessage,
      pace,
      backlog: () => deepestBacklog(cloud),
      quiet,
      onProgress: progress.at,
      signal,
    });
    if (!signal.aborted) await quiet();
    return { published, seconds: (performance.now() - startedAt) / 1_000 };
  } finally {
    progress.end();
    await publisher.close();
    await pubsub.close();
  }
}

async function deepestBacklog({ services }: Cloud): Promise<number> {
  const { bySubscription } = (await services.pubsub.ask('backlog')) as { bySubscription: Record<string, number> };
  const waiting = Object.entries(bySubscription).filter(([name]) => !isWatcher(name));
  return Math.max(0, ...waiting.map(([, count]) => count));
}

async function waterfallOf({ options }: Cloud, { example }: Latencies): Promise<string | undefined> {
  if (example === undefined) return undefined;
  const spans = await readSpanFiles(`${options.folder}/traces`, example.traceId);
  return renderWaterfall(lineage(spans, example.spanId));
}
