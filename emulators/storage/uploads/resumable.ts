import { bucketNamed } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, header } from '../http/call.ts';
import { invalid, Refusal } from '../http/refusal.ts';
import { shown } from '../objects/calls.ts';
import { createObject } from '../objects/create.ts';
import { versionOf } from '../objects/lookup.ts';
import type { Service } from '../service.ts';
import type { BlobWriter } from '../store/blobs.ts';
import type { RunningChecksums } from '../store/checksums.ts';
import type { UploadSession } from '../store/records.ts';
import { type ContentRange, parseContentRange } from './content-range.ts';
import { checkDeclared, declaredInHeaders } from './intake.ts';

/** What a process remembers of the uploads under way; after a restart, it reads again what is on disk. */
export interface UploadMemory {
  checksums: Map<string, RunningChecksums>;
  /** Ends when the request that is writing to an upload has ended; a later request cuts it short. */
  writing: Map<string, { call: Call; ended: Promise<unknown> }>;
}

/** PUT to the address of a resumable upload: a chunk, all the rest, or the question how far it is. */
export async function continueUpload(service: Service, call: Call): Promise<Answer> {
  const { id } = sessionOf(service, call);
  const range = parseContentRange(header(call, 'content-range'));
  return exclusively(service.uploads, id, call, async () => {
    // Whoever was writing before may have finished it: its bytes are an object's now.
    const upload = sessionOf(service, call);
    if (upload.finished !== undefined) return finishedAnswer(service, call, upload);
    const writer = await service.store.blobs.append(upload.blob, service.uploads.checksums.get(id));
    service.uploads.checksums.set(id, writer.checksums);
    try {
      if (range.start !== undefined) await receive(call, writer, range);
      await writer.store();
    } finally {
      await writer.close();
    }
    if (!isComplete(range, writer.size)) return progressAnswer(writer.size);
    return finishUpload(service, call, upload, writer);
  });
}

/** DELETE: the bytes so far are dropped. 499 is what the service answers. */
export async function cancelUpload(service: Service, call: Call): Promise<Answer> {
  const { id } = sessionOf(service, call);
  return exclusively(service.uploads, id, call, async () => {
    const upload = sessionOf(service, call);
    if (upload.finished === undefined) await forget(service, upload);
    return { status: 499 };
  });
}

function sessionOf({ store }: Service, call: Call): UploadSession {
  const id = call.query.get('upload_id') ?? '';
  const upload = store.state.uploads.get(id);
  if (upload === undefined)
    throw new Refusal(404, 'notFound', 'The upload does not exist, or it has expired.', { xmlCode: 'NoSuchUpload' });
  return upload;
}

/** A client that comes back while its former connection still hangs is the one to be served. */
async function exclusively<T>({ writing }: UploadMemory, id: string, call: Call, work: () => Promise<T>): Promise<T> {
  for (let former = writing.get(id); former !== undefined; former = writing.get(id)) {
    former.call.hangUp();
    await former.ended;
  }
  const done = Promise.withResolvers<void>();
  writing.set(id, { call, ended: done.promise });
  try {
    return await work();
  } finally {
    writing.delete(id);
    done.resolve();
  }
}

/** Appends what the upload does not have yet. What came before a cut stays. */
async function receive(call: Call, writer: BlobWriter, range: ContentRange): Promise<void> {
  const start = range.start ?? 0;
  let at = start;
  if (start > writer.size)
    throw invalid(
      `Invalid request. According to the Content-Range header, the upload offset is ${start} byte(s), which exceeds already uploaded size of ${writer.size} byte(s).`,
    );
  for await (const chunk of call.body) {
    const fresh = chunk.subarray(Math.max(0, Math.min(chunk.length, writer.size - at)));
    at += chunk.length;
    if (range.end !== undefined && at > range.end) throw invalid('The request has more bytes than its Content-Range.');
    await writeUpToFault(call, writer, fresh);
  }
  if (range.end !== undefined && at < range.end) throw invalid('The request has fewer bytes than its Content-Range.');
}

async function writeUpToFault({ fault }: Call, writer: BlobWriter, bytes: Buffer): Promise<void> {
  if (fault === undefined || writer.size + bytes.length < fault.afterBytes) return writer.write(bytes);
  await writer.write(bytes.subarray(0, fault.afterBytes - writer.size));
  throw new Refusal(fault.status, 'backendError', 'The test of retries wants this upload to fail here.');
}

/** A request without an end and a total goes to the end of its body. */
function isComplete({ start, end, total }: ContentRange, size: number): boolean {
  if (total !== undefined) return size >= total;
  return start !== undefined && end === undefined;
}

function progressAnswer(size: number): Answer {
  const range = size === 0 ? {} : { range: `bytes=0-${size - 1}` };
  return { status: 308, headers: { ...range, 'content-length': '0' } };
}

async function finishUpload(service: Service, call: Call, upload: UploadSession, writer: BlobWriter): Promise<Answer> {
  const { blob, name, settings, keySha256 } = upload;
  const content = { size: writer.size, ...writer.checksums.digest() };
  try {
    checkDeclared({ ...upload.declared, ...declaredInHeaders(call) }, content);
    const state = bucketNamed(service, upload.bucket);
    const fresh = { ...content, blob, name, settings, keySha256 };
    const object = await createObject(service, state, fresh, new URLSearchParams(upload.query), ({ generation }) => [
      { t: 'upload', upload: { ...upload, finished: { generation } } },
    ]);
    service.uploads.checksums.delete(upload.id);
    return { headers: corsOf(upload), json: shown(call, { bucket: state.bucket, object }) };
  } catch (error) {
    await forget(service, upload);
    throw error;
  }
}

function finishedAnswer(service: Service, call: Call, upload: UploadSession): Answer {
  const state = bucketNamed(service, upload.bucket);
  const object = versionOf(state, upload.name, upload.finished?.generation);
  return { headers: corsOf(upload), json: shown(call, { bucket: state.bucket, object }) };
}

/** Who began the upload from a page may read the answers there. */
function corsOf({ origin }: UploadSession): Record<string, string> {
  return origin === undefined ? {} : { 'access-control-allow-origin': origin };
}

async function forget(service: Service, upload: UploadSession): Promise<void> {
  service.uploads.checksums.delete(upload.id);
  if (service.store.state.uploads.has(upload.id)) await service.commit([{ t: 'upload-gone', id: upload.id }]);
}
