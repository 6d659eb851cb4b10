import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '#contracts/client.ts';
import { getFile, uploadFile } from '#contracts/files/api.ts';
import { accepted } from '../../demo/account.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const POLL_MS = 200;

export interface LocalFile {
  name: string;
  bytes: Buffer;
}

/** Asks through the gateway where to put a file and puts it there, at Cloud Storage itself. Resolves with the file's id. */
export async function upload(user: Client, { name, bytes }: LocalFile, signal: AbortSignal): Promise<string> {
  const asked = await user.call(uploadFile, {
    name,
    contentType: XLSX,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  const { fileId, upload: to } = accepted(`asking where to put ${name}`, asked);
  const answer = await fetch(to.url, { method: to.method, headers: to.headers, body: new Uint8Array(bytes), signal });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Cloud Storage refused the bytes of ${name} with ${answer.status}: ${text}`);
  return fileId;
}

/** Resolves once the file has been scanned and released. Throws an Error of one line where it is quarantined. */
export async function scanned(user: Client, fileId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const file = accepted('asking after the scan', await user.call(getFile, { id: fileId }));
    if (file.state === 'clean') return;
    if (file.state === 'quarantined' || file.state === 'deleted') {
      throw new Error(`${file.name} is ${file.state}: ${file.quarantine?.detail ?? 'nobody says why'}`);
    }
    await delay(POLL_MS, undefined, { signal });
  }
}
