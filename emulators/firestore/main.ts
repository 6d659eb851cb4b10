import { serveProcess } from '../service-process.ts';
import { firestoreOptions, startFirestore } from './server.ts';

await serveProcess((options) => startFirestore(firestoreOptions.parse(options)));
