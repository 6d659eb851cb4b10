import { serveProcess } from '../service-process.ts';
import { startVenue, venueOptions } from './server.ts';

await serveProcess((options) => startVenue(venueOptions.parse(options)));
