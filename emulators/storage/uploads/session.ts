import { randomBytes, randomUUID } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { type Call, header, parseObject, readBytes } from '../http/call.ts';
import type { Service } from '../service.ts';
import type { UploadSession } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { intakeOf } from './intake.ts';

/** Begins a resumable upload: the answer's Location is where its bytes go. Preconditions are for when they are all there. */
export async function startSession(service: Service, call: Call, { bucket }: BucketState): Promise<Answer> {
  const resource = parseObject(await readBytes(call.body));
  const intake = intakeOf(call, resource, header(call, 'x-upload-content-type'));
  const upload: UploadSession = {
    ...intake,
    id: randomBytes(48).toString('base64url'),
    bucket: bucket.name,
    startedAt: service.now().toISOString(),
    blob: randomUUID(),
    query: call.query.toString(),
    origin: header(call, 'origin'),
  };
  await service.commit([{ t: 'upload', upload }]);
  const query = new URLSearchParams({ uploadType: 'resumable', name: upload.name, upload_id: upload.id });
  const location = `${call.origin}/upload/storage/v1/b/${bucket.name}/o?${query}`;
  return { headers: { location, 'x-guploader-uploadid': upload.id } };
}
