import { bucketOf } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, header, parseObject, readBytes } from '../http/call.ts';
import { boundaryOf, readParts } from '../http/multipart.ts';
import { invalid } from '../http/refusal.ts';
import { shown } from '../objects/calls.ts';
import { createObject } from '../objects/create.ts';
import { liveVersion } from '../objects/lookup.ts';
import { checkPreconditions } from '../objects/preconditions.ts';
import type { Service } from '../service.ts';
import type { BucketState } from '../store/state.ts';
import { checkDeclared, type Intake, intakeOf } from './intake.ts';
import { startSession } from './session.ts';

/** storage.objects.insert in each of its three forms. */
export async function insertObject(service: Service, call: Call): Promise<Answer> {
  const state = bucketOf(service, call);
  const type = call.query.get('uploadType');
  if (type === 'media') return insertMedia(service, call, state);
  if (type === 'multipart') return insertMultipart(service, call, state);
  if (type === 'resumable') return startSession(service, call, state);
  throw invalid(`Invalid value for uploadType: ${type}`, 'uploadType');
}

/** The body is the object; all else is in the query. */
async function insertMedia(service: Service, call: Call, state: BucketState): Promise<Answer> {
  const intake = intakeOf(call, {}, header(call, 'content-type'));
  return finish(service, call, state, intake, call.body);
}

/** The body has the resource, then the object. */
async function insertMultipart(service: Service, call: Call, state: BucketState): Promise<Answer> {
  let resource: Record<string, unknown> | undefined;
  for await (const { headers, bytes } of readParts(call.body, boundaryOf(header(call, 'content-type')))) {
    if (resource === undefined) resource = parseObject(await readBytes(bytes));
    else return await finish(service, call, state, intakeOf(call, resource, headers.get('content-type')), bytes);
  }
  throw invalid('a multipart upload has two parts: the resource and the object');
}

async function finish(
  service: Service,
  call: Call,
  state: BucketState,
  intake: Intake,
  bytes: AsyncIterable<Buffer>,
): Promise<Answer> {
  checkPreconditions(call.query, liveVersion(state, intake.name));
  const written = await service.store.blobs.write(bytes, (actual) => checkDeclared(intake.declared, actual));
  const { name, settings, keySha256 } = intake;
  const object = await createObject(service, state, { ...written, name, settings, keySha256 }, call.query);
  return { json: shown(call, { bucket: state.bucket, object }) };
}
