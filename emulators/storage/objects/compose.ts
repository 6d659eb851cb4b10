import * as z from 'zod';
import { bucketOf } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { int64Text, parseAs } from '../http/patch.ts';
import { conditionNotMet, invalid } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { openedBytes } from './bytes.ts';
import { shown } from './calls.ts';
import { createObject } from './create.ts';
import { checkCustomerKey, customerKeyHash } from './encryption.ts';
import { liveVersion, versionOf } from './lookup.ts';
import { checkObjectName } from './names.ts';
import { checkPreconditions } from './preconditions.ts';
import { removeChanges } from './replace.ts';
import { patchedObject } from './settings.ts';

const MAX_SOURCES = 32;

const composeRequest = z.object({
  sourceObjects: z.array(
    z.object({
      name: z.string(),
      generation: int64Text.optional(),
      objectPreconditions: z.object({ ifGenerationMatch: int64Text.optional() }).optional(),
    }),
  ),
  destination: z.record(z.string(), z.unknown()).default({}),
  deleteSourceObjects: z.boolean().optional(),
});

/** storage.objects.compose: one object of the bytes of up to 32, which have no MD5 together. */
export async function composeObject(service: Service, call: Call): Promise<Answer> {
  const request = parseAs(composeRequest, await readObject(call));
  const state = bucketOf(service, call);
  const name = checkObjectName(param(call, 'object'));
  if (request.sourceObjects.length === 0) throw invalid('You must provide at least one source component.');
  if (request.sourceObjects.length > MAX_SOURCES)
    throw invalid('The number of source components provided exceeds the maximum (32).');
  checkPreconditions(call.query, liveVersion(state, name));
  const keySha256 = customerKeyHash(call);
  const sources = request.sourceObjects.map((source) => sourceOf(state, source, keySha256));
  const settings = patchedObject({}, request.destination);
  const { blob, size, crc32c } = await service.store.blobs.write(bytesOf(service, sources));
  const object = await createObject(
    service,
    state,
    {
      name,
      blob,
      size,
      crc32c,
      componentCount: sources.reduce((sum, { componentCount = 1 }) => sum + componentCount, 0),
      keySha256,
      settings: { ...settings, contentType: settings.contentType ?? sources[0]?.settings.contentType },
    },
    call.query,
  );
  if (request.deleteSourceObjects === true) await removeSources(service, state, sources);
  return { json: shown(call, { bucket: state.bucket, object }) };
}

type Source = z.infer<typeof composeRequest>['sourceObjects'][number];

function sourceOf(state: BucketState, source: Source, keySha256: string | undefined): StoredObject {
  const generation = source.generation === undefined ? undefined : Number(source.generation);
  const object = versionOf(state, source.name, generation);
  const expected = source.objectPreconditions?.ifGenerationMatch;
  if (expected !== undefined && expected !== String(object.generation)) throw conditionNotMet('If-Match');
  checkCustomerKey(object, keySha256);
  return object;
}

async function* bytesOf(service: Service, sources: readonly StoredObject[]): AsyncGenerator<Buffer> {
  for (const source of sources) yield* await openedBytes(service, source);
}

async function removeSources(service: Service, state: BucketState, sources: readonly StoredObject[]): Promise<void> {
  for (const source of sources) {
    const isThere = state.objects.versionsOf(source.name).some(({ generation }) => generation === source.generation);
    if (isThere) await service.commit(removeChanges(service, state.bucket, source, false));
  }
}
