import { invalidArgument } from './status.ts';

/** What the topic of a subscription reads once its topic has been deleted. */
export const DELETED_TOPIC = '_deleted-topic_';

/** What a topic reads in its schema settings once its schema has been deleted. */
export const DELETED_SCHEMA = '_deleted-schema_';

type Collection = 'topics' | 'subscriptions' | 'schemas' | 'snapshots';

// Letters first, 3 to 255 of the documented characters, never "goog": cloud.google.com/pubsub/docs/pubsub-basics#resource_names
const RESOURCE_ID = /^[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/;
const PROJECT = /^projects\/[^/]+$/;

/** Throws INVALID_ARGUMENT unless `name` reads `projects/{project}/{collection}/{id}` with a permitted id. */
export function checkName(name: string | null | undefined, collection: Collection): string {
  const parts = (name ?? '').split('/');
  const [projects, project, found, id] = parts;
  if (parts.length !== 4 || projects !== 'projects' || !project || found !== collection || id === undefined)
    throw invalidArgument(`Invalid [${collection}] name: (name=${name ?? ''})`);
  if (!RESOURCE_ID.test(id) || id.startsWith('goog'))
    throw invalidArgument(`Invalid resource name given (name=${name}): the id is not permitted.`);
  return name as string;
}

/** Throws INVALID_ARGUMENT unless `name` reads `projects/{project}`. */
export function checkProject(name: string | null | undefined): string {
  if (!PROJECT.test(name ?? '')) throw invalidArgument(`Invalid [projects] name: (name=${name ?? ''})`);
  return name as string;
}

/** `projects/p/topics/t` to `p`. */
export const projectOf = (name: string): string => name.split('/')[1] ?? '';
/** `projects/p/topics/t` to `t`. */
export const idOf = (name: string): string => name.split('/')[3] ?? '';
