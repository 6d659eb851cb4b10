import { Agent, request } from 'node:http';
import { paced, serveLoad } from './load-worker.ts';

/** What the process that asks is told. */
export interface GatewayLoad {
  port: number;
  path: string;
  accessToken: string;
  perSecond: number;
}

const load: GatewayLoad = JSON.parse(process.argv[2] ?? '{}');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const headers = { authorization: `Bearer ${load.accessToken}`, accept: 'application/json' };
let answered = 0;
let latenciesMs: number[] = [];

function ask(): void {
  const startedAt = performance.now();
  const { port, path } = load;
  const asked = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`);
    response.resume();
    response.once('end', () => {
      answered++;
      latenciesMs.push(performance.now() - startedAt);
    });
  });
  asked.once('error', (error) => {
    throw error;
  });
  asked.end();
}

const source = paced(load.perSecond, ask);
serveLoad({
  report: () => {
    const report = { count: answered, latenciesMs };
    latenciesMs = [];
    return report;
  },
  stop: async () => source.end(),
});
