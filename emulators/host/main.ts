import { flushTraces } from '../../functions/core/trace.ts';
import { serveProcess } from '../service-process.ts';
import { openFront } from './front.ts';
import { hostIsolated } from './isolated.ts';
import { hostOptions } from './options.ts';
import { hostShared } from './shared.ts';

await serveProcess(async (given) => {
  const options = hostOptions.parse(given);
  const isolated = options.functions.map((hosted) => [hosted, hostIsolated(hosted, options.idleSeconds)] as const);
  const targets = options.isolate
    ? isolated.map(([hosted, { serve }]) => [hosted, serve] as const)
    : await Promise.all(options.functions.map(async (hosted) => [hosted, await hostShared(hosted)] as const));
  const front = await openFront({
    ...options,
    targets: new Map(
      targets.map(([{ name, invokers, timeoutSeconds }, serve]) => [
        name,
        { invokers: new Set(invokers), timeoutSeconds, serve },
      ]),
    ),
  });
  return {
    port: options.port,
    async close() {
      const closed = new Promise((resolve) => front.close(resolve));
      front.closeIdleConnections();
      for (const [, { stop }] of isolated) stop();
      await closed;
      await flushTraces();
    },
  };
});
