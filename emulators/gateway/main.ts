import { serveProcess } from '../service-process.ts';
import { gatewayOptions, startGateway } from './server.ts';

await serveProcess((options) => startGateway(gatewayOptions.parse(options)));
