import { type Bucket, Storage } from '@google-cloud/storage';
import { Load, Registers, type Running, type Subject } from './kills.ts';

const WRITERS = 6;
const BUCKET = 'millrace-kills';

/** Writers that each upload, replace, copy and delete objects of their own, in one request or in several. */
export function killedStorage(): Subject {
  const objects = new Registers<string>();
  let serial = 0;
  let isNew = true;

  const change = async (bucket: Bucket, worker: number) => {
    const n = ++serial;
    const name = `object-${worker}-${n % 3}`;
    const file = bucket.file(name);
    if (n % 7 === 0) {
      const acknowledge = objects.attempt(name, undefined);
      await file.delete({ ignoreNotFound: true });
      return acknowledge;
    }
    const content = `${n} `.repeat(1 + ((n * 997) % 20_000));
    const acknowledge = objects.attempt(name, content);
    await file.save(content, { resumable: n % 2 === 0 });
    return acknowledge;
  };

  return {
    main: new URL('../../../emulators/storage/main.ts', import.meta.url),
    options: (dataDir, fsync) => ({ port: 0, dataDir, fsync, softDeleteSeconds: 0, compactBytes: 40_000 }),
    async check(t, service) {
      const bucket = bucketOf(service);
      if (isNew) await bucket.create();
      isNew = false;
      const [files] = await bucket.getFiles();
      const contents = new Map<string, string>();
      for (const file of files) contents.set(file.name, await contentOf(service, file.name));
      for (const name of new Set([...objects.keys, ...contents.keys()])) objects.found(t, name, contents.get(name));
    },
    load(service) {
      const bucket = bucketOf(service);
      const steps = Array.from({ length: WRITERS }, () => (worker: number) => change(bucket, worker));
      return new Load(steps, () => undefined);
    },
  };
}

/** Without retries, which would send to a dead process. */
function bucketOf({ port }: Running): Bucket {
  const storage = new Storage({
    projectId: 'millrace-test',
    apiEndpoint: `http://127.0.0.1:${port}`,
    retryOptions: { autoRetry: false },
  });
  return storage.bucket(BUCKET);
}

/** Not by the client's own download, which warns of listeners that it adds up. */
async function contentOf({ port }: Running, name: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/storage/v1/b/${BUCKET}/o/${name}?alt=media`);
  if (!answer.ok) throw new Error(`${name} is listed, and reading it is answered ${answer.status}`);
  return answer.text();
}
