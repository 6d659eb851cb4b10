import type { LocalPlan } from '../../infra/local-plan.ts';

const EXISTS = 409;

/** Makes the plan's buckets, through Cloud Storage's own API; one that the plan has no more stays, with what is in it. */
export async function provisionBuckets(plan: LocalPlan, storageUrl: string): Promise<void> {
  for (const { name, public: isPublic, writers } of plan.buckets) {
    const made = await send('POST', `${storageUrl}/storage/v1/b?project=${plan.project}`, {
      name,
      versioning: { enabled: true },
      iamConfiguration: {
        uniformBucketLevelAccess: { enabled: true },
        publicAccessPrevention: isPublic ? 'inherited' : 'enforced',
      },
    });
    if (!made.ok && made.status !== EXISTS) throw await failure(`bucket ${name}`, made);
    const bindings = [
      ...(isPublic ? [{ role: 'roles/storage.legacyObjectReader', members: ['allUsers'] }] : []),
      { role: 'roles/storage.objectUser', members: writers.map((writer) => `serviceAccount:${writer}`) },
    ];
    const granted = await send('PUT', `${storageUrl}/storage/v1/b/${name}/iam`, { bindings });
    if (!granted.ok) throw await failure(`access to bucket ${name}`, granted);
  }
}

function send(method: string, url: string, body: object): Promise<Response> {
  return fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function failure(what: string, response: Response): Promise<Error> {
  return new Error(`${what} could not be provisioned: ${response.status} ${await response.text()}`);
}
