import { checkHasLists, checkPublic } from '../buckets/access.ts';
import { bucketOf } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { parseAs } from '../http/patch.ts';
import { Refusal } from '../http/refusal.ts';
import type { Route } from '../http/routes.ts';
import { eventChanges } from '../notifications/events.ts';
import { objectOf } from '../objects/lookup.ts';
import type { Service } from '../service.ts';
import type { Change } from '../store/records.ts';
import { type AclEntry, type AclKind, aclEntry, aclResource, checkEntry, withEntry } from './entry.ts';

/** An access control list, wherever it is kept. */
interface List {
  entries: readonly AclEntry[];
  /** The changes that put another list in its place. */
  replaced(entries: AclEntry[]): Change[];
  shown(entry: AclEntry): object;
  checkPublic(entries: readonly AclEntry[]): void;
}

const LISTS_KIND: Record<AclKind, string> = {
  bucket: 'storage#bucketAccessControls',
  defaultObject: 'storage#objectAccessControls',
  object: 'storage#objectAccessControls',
};

/** The methods of one of the three kinds of list: `b/{bucket}/acl`, `…/defaultObjectAcl`, `…/o/{object}/acl`. */
export function aclRoutes(kind: AclKind, name: string, template: string): Route<Service>[] {
  const list = kind === 'object' ? objectList : bucketList(kind);
  const one = `${template}/{entity}`;
  return [
    {
      id: `${name}.list`,
      verb: 'GET',
      template,
      handle: (service, call) => listEntries(kind, list(service, call, 'get')),
    },
    { id: `${name}.insert`, verb: 'POST', template, handle: (service, call) => insertEntry(service, call, kind, list) },
    {
      id: `${name}.get`,
      verb: 'GET',
      template: one,
      handle: (service, call) => getEntry(call, list(service, call, 'get')),
    },
    {
      id: `${name}.update`,
      verb: 'PUT',
      template: one,
      handle: (service, call) => setEntry(service, call, kind, list),
    },
    {
      id: `${name}.patch`,
      verb: 'PATCH',
      template: one,
      handle: (service, call) => setEntry(service, call, kind, list),
    },
    {
      id: `${name}.delete`,
      verb: 'DELETE',
      template: one,
      handle: (service, call) => deleteEntry(service, call, list),
    },
  ];
}

type FindList = (service: Service, call: Call, doing: 'get' | 'update') => List;

function bucketList(kind: 'bucket' | 'defaultObject'): FindList {
  const name = kind === 'bucket' ? 'acl' : 'defaultObjectAcl';
  return (service, call, doing) => {
    const { bucket } = bucketOf(service, call);
    checkHasLists(bucket.settings, 'bucket', doing);
    return {
      entries: bucket.settings[name] ?? [],
      replaced: (entries) => [
        {
          t: 'bucket',
          bucket: {
            ...bucket,
            metageneration: bucket.metageneration + 1,
            updated: service.now().toISOString(),
            settings: { ...bucket.settings, [name]: entries },
          },
        },
      ],
      shown: (entry) => aclResource(kind, entry, { bucket: bucket.name }),
      checkPublic: (entries) => checkPublic(bucket.settings, entries),
    };
  };
}

const objectList: FindList = (service, call, doing) => {
  const { bucket, object } = objectOf(service, call);
  checkHasLists(bucket.settings, 'object', doing);
  const of = { bucket: bucket.name, object: object.name, generation: String(object.generation) };
  return {
    entries: object.settings.acl ?? [],
    replaced: (acl) => {
      const changed = {
        ...object,
        metageneration: object.metageneration + 1,
        updated: service.now().toISOString(),
        settings: { ...object.settings, acl },
      };
      return [{ t: 'object', object: changed }, ...eventChanges(service, 'OBJECT_METADATA_UPDATE', bucket, changed)];
    },
    shown: (entry) => aclResource('object', entry, of),
    checkPublic: (entries) => checkPublic(bucket.settings, entries),
  };
};

function listEntries(kind: AclKind, list: List): Answer {
  return { json: { kind: LISTS_KIND[kind], items: list.entries.map((entry) => list.shown(entry)) } };
}

function getEntry(call: Call, list: List): Answer {
  return { json: list.shown(entryNamed(call, list)) };
}

function entryNamed(call: Call, { entries }: List): AclEntry {
  const found = entries.find(({ entity }) => entity === param(call, 'entity'));
  if (found === undefined)
    throw new Refusal(404, 'notFound', `The specified ACL entity does not exist: ${param(call, 'entity')}`);
  return found;
}

async function insertEntry(service: Service, call: Call, kind: AclKind, find: FindList): Promise<Answer> {
  const entry = checkEntry(kind, parseAs(aclEntry, await readObject(call)));
  return store(service, find(service, call, 'update'), entry);
}

/** The entity's role, whether it had one before or not: the official client updates entries that there are not. */
async function setEntry(service: Service, call: Call, kind: AclKind, find: FindList): Promise<Answer> {
  const body = { ...(await readObject(call)), entity: param(call, 'entity') };
  return store(service, find(service, call, 'update'), checkEntry(kind, parseAs(aclEntry, body)));
}

async function store(service: Service, list: List, entry: AclEntry): Promise<Answer> {
  const entries = withEntry(list.entries, entry);
  list.checkPublic(entries);
  await service.commit(list.replaced(entries));
  return { json: list.shown(entry) };
}

async function deleteEntry(service: Service, call: Call, find: FindList): Promise<Answer> {
  const list = find(service, call, 'update');
  const gone = entryNamed(call, list);
  await service.commit(list.replaced(list.entries.filter((entry) => entry !== gone)));
  return { status: 204 };
}
