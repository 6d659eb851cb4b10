import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import type { Config } from '#core/config.ts';
import { serve } from '#core/serve.ts';
import onPortionsReady from '../../../functions/simulation/on-portions-ready.ts';

/** A worker in a process of its own, so that it can be killed. Its surroundings come as JSON; it writes the port that it listens on. */
const { variables, ...config } = JSON.parse(process.argv[2] ?? '') as Omit<Config, 'variable'> & {
  variables: Record<string, string>;
};
const name = 'simulation-on-portions-ready';
const variable = (wanted: string) => variables[wanted] ?? '';
http(name, serve(onPortionsReady, { name, context: 'simulation', calls: {} }, { ...config, variable }));
const server = getTestServer(name);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
