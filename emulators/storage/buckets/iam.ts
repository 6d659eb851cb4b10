import * as z from 'zod';
import type { Answer } from '../http/answer.ts';
import { type Call, readObject } from '../http/call.ts';
import { etagOf } from '../http/etag.ts';
import { parseAs } from '../http/patch.ts';
import { conditionNotMet, invalid, Refusal } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { Bucket, IamBinding } from '../store/records.ts';
import { isUniform, preventsPublic } from './access.ts';
import { bucketOf } from './lookup.ts';

const condition = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  expression: z.string(),
});

const policyRequest = z.object({
  version: z.int().optional(),
  etag: z.string().optional(),
  bindings: z
    .array(z.object({ role: z.string().min(1), members: z.array(z.string()), condition: condition.optional() }))
    .default([]),
});

const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];

/** storage.buckets.getIamPolicy */
export function getIamPolicy(service: Service, call: Call): Answer {
  const { bucket } = bucketOf(service, call);
  return { json: policyOf(bucket) };
}

function policyOf(bucket: Bucket) {
  return {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket.name}`,
    version: bucket.iamVersion ?? 1,
    etag: etagOf(bucket.iamRevision ?? 1),
    bindings: bucket.iamBindings ?? projectBindings(bucket),
  };
}

/** What a bucket has from its project until somebody sets a policy. */
function projectBindings({ project, settings }: Bucket): IamBinding[] {
  const owners = [`projectEditor:${project}`, `projectOwner:${project}`];
  const viewers = [`projectViewer:${project}`];
  const levels = isUniform(settings) ? ['Bucket', 'Object'] : ['Bucket'];
  return levels.flatMap((level) => [
    { role: `roles/storage.legacy${level}Owner`, members: owners },
    { role: `roles/storage.legacy${level}Reader`, members: viewers },
  ]);
}

/** storage.buckets.setIamPolicy: a policy with the tag of an older one is refused. */
export async function setIamPolicy(service: Service, call: Call): Promise<Answer> {
  const request = parseAs(policyRequest, await readObject(call));
  const { bucket } = bucketOf(service, call);
  if (request.etag !== undefined && request.etag !== etagOf(bucket.iamRevision ?? 1)) throw conditionNotMet('If-Match');
  checkConditions(bucket, request);
  const isPublic = request.bindings.some(({ members }) => members.some((member) => PUBLIC.includes(member)));
  if (isPublic && preventsPublic(bucket.settings))
    throw new Refusal(
      412,
      'conditionNotMet',
      'The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.',
    );
  const changed: Bucket = {
    ...bucket,
    iamRevision: (bucket.iamRevision ?? 1) + 1,
    iamBindings: request.bindings.filter(({ members }) => members.length > 0),
    iamVersion: request.version ?? 1,
  };
  await service.commit([{ t: 'bucket', bucket: changed }]);
  return { json: policyOf(changed) };
}

/** Conditions need version 3 of the policy, and a bucket without access control lists. */
function checkConditions({ settings }: Bucket, { bindings, version = 1 }: z.infer<typeof policyRequest>): void {
  if (!bindings.some((binding) => binding.condition !== undefined)) return;
  if (version < 3) throw invalid('A policy with conditional role bindings needs version 3.');
  if (!isUniform(settings)) throw invalid('Conditional role bindings need uniform bucket-level access.');
}

/** storage.buckets.testIamPermissions: here everybody has every permission of Cloud Storage. */
export function testIamPermissions(service: Service, call: Call): Answer {
  bucketOf(service, call);
  const permissions = call.query.getAll('permissions');
  const unknown = permissions.find((permission) => !permission.startsWith('storage.'));
  if (unknown !== undefined) throw invalid(`Permission ${unknown} is not valid for this resource.`, 'permissions');
  return { json: { kind: 'storage#testIamPermissionsResponse', permissions } };
}
