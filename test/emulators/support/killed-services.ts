import { killedFirestore } from './killed-firestore.ts';
import { killedPubSub } from './killed-pubsub.ts';
import { killedSecrets } from './killed-secrets.ts';
import { killedStorage } from './killed-storage.ts';
import { killedVenue } from './killed-venue.ts';
import type { Subject } from './kills.ts';

/** Every service that answers for something that it stores. */
export const killedServices: readonly { name: string; subject: () => Subject }[] = [
  { name: 'Pub/Sub', subject: killedPubSub },
  { name: 'Firestore', subject: killedFirestore },
  { name: 'Cloud Storage', subject: killedStorage },
  { name: 'Secret Manager', subject: killedSecrets },
  { name: 'the venue', subject: killedVenue },
];
