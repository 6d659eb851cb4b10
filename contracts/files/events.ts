import * as z from 'zod';
import { event } from '../kit/event.ts';
import { instant } from '../kit/trading-terms.ts';
import { fileKind, quarantineReason, sha256 } from './terms.ts';

const storedObject = {
  /** The bucket's full name. */
  bucket: z.string(),
  object: z.string(),
  /** Of the object that this is about: another one under the same name is another object. */
  generation: z.string(),
};

export const objectArrived = event({
  type: 'files.object.arrived',
  version: 1,
  scope: 'tenant',
  orderBy: 'fileId',
  summary: 'Cloud Storage told of an object where clients put their files',
  data: z.object({ fileId: z.uuid(), ...storedObject, at: instant }),
});

export const objectsListed = event({
  type: 'files.objects.listed',
  version: 1,
  scope: 'tenant',
  summary: 'Objects that lie where files are kept, to be held against what files there are',
  data: z.object({
    bucket: z.enum(['files', 'quarantine']),
    objects: z.array(z.object({ fileId: z.uuid(), object: z.string(), generation: z.string() })),
    at: instant,
  }),
});

export const fileUploaded = event({
  type: 'files.file.uploaded',
  version: 1,
  scope: 'tenant',
  orderBy: 'fileId',
  summary: 'A file is there and waits for its scan; nobody can have it yet',
  data: z.object({ fileId: z.uuid(), ownerId: z.string(), ...storedObject, uploadedAt: instant }),
});

export const fileScanned = event({
  type: 'files.file.scanned',
  version: 1,
  scope: 'tenant',
  orderBy: 'fileId',
  summary: 'A file was found clean and is released',
  data: z.object({
    fileId: z.uuid(),
    ownerId: z.string(),
    name: z.string(),
    contentType: z.string(),
    bytes: z.int().min(0),
    sha256,
    ...storedObject,
    kind: fileKind,
    scannedAt: instant,
  }),
});

export const fileQuarantined = event({
  type: 'files.file.quarantined',
  version: 1,
  scope: 'tenant',
  orderBy: 'fileId',
  summary: 'A file was refused by its scan; nobody can have it',
  data: z.object({
    fileId: z.uuid(),
    ownerId: z.string(),
    name: z.string(),
    reason: quarantineReason,
    detail: z.string(),
    at: instant,
  }),
});

export const fileDeleted = event({
  type: 'files.file.deleted',
  version: 1,
  scope: 'tenant',
  orderBy: 'fileId',
  summary: 'A file is no more, or its upload never came',
  data: z.object({ fileId: z.uuid(), ownerId: z.string(), at: instant }),
});
