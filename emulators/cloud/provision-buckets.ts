import type { LocalPlan } from '../../infra/local-plan.ts';

const EXISTS = 409;

type Planned = Pick<LocalPlan, 'project' | 'buckets' | 'notifications'>;

/**
 * Makes the plan's buckets and what they tell of their objects, through Cloud Storage's own API. One that the plan has no more stays,
 * with what is in it.
 */
export async function provisionBuckets(plan: Planned, storageUrl: string): Promise<void> {
  const origin = `${storageUrl}/storage/v1`;
  for (const bucket of plan.buckets) {
    const settings = settingsOf(bucket);
    const made = await send('POST', `${origin}/b?project=${plan.project}`, { name: bucket.name, ...settings });
    if (made.status === EXISTS)
      await provisioned(`bucket ${bucket.name}`, 'PATCH', `${origin}/b/${bucket.name}`, settings);
    else if (!made.ok) throw await failure(`bucket ${bucket.name}`, made);
    const bindings = bindingsOf(bucket);
    await provisioned(`access to bucket ${bucket.name}`, 'PUT', `${origin}/b/${bucket.name}/iam`, { bindings });
    const wanted = plan.notifications.filter((notification) => notification.bucket === bucket.name);
    await provisionNotifications(plan.project, bucket.name, wanted, `${origin}/b/${bucket.name}/notificationConfigs`);
  }
}

function settingsOf({ versioned, deleteAfterDays, cors, public: isPublic }: LocalPlan['buckets'][number]): object {
  return {
    versioning: { enabled: versioned },
    iamConfiguration: {
      uniformBucketLevelAccess: { enabled: true },
      publicAccessPrevention: isPublic ? 'inherited' : 'enforced',
    },
    cors: cors.map(({ origins, methods, responseHeaders, maxAgeSeconds }) => ({
      origin: origins,
      method: methods,
      responseHeader: responseHeaders,
      maxAgeSeconds,
    })),
    lifecycle: {
      rule: deleteAfterDays === undefined ? [] : [{ action: { type: 'Delete' }, condition: { age: deleteAfterDays } }],
    },
    ...(versioned ? {} : { softDeletePolicy: { retentionDurationSeconds: '0' } }),
  };
}

function bindingsOf({ public: isPublic, writers, readers }: LocalPlan['buckets'][number]): object[] {
  const members = (accounts: readonly string[]) => accounts.map((account) => `serviceAccount:${account}`);
  return [
    ...(isPublic ? [{ role: 'roles/storage.legacyObjectReader', members: ['allUsers'] }] : []),
    { role: 'roles/storage.objectUser', members: members(writers) },
    { role: 'roles/storage.objectViewer', members: members(readers) },
  ];
}

/** What is told already stays as it is: another one of the same would tell it twice. */
async function provisionNotifications(
  project: string,
  bucket: string,
  wanted: LocalPlan['notifications'],
  url: string,
): Promise<void> {
  const listed = await fetch(url);
  if (!listed.ok) throw await failure(`what ${bucket} tells`, listed);
  const { items = [] } = (await listed.json()) as { items?: { topic: string }[] };
  for (const { topic, eventTypes, payloadFormat } of wanted) {
    const fullName = `//pubsub.googleapis.com/projects/${project}/topics/${topic}`;
    if (items.some((item) => item.topic === fullName)) continue;
    const config = { topic: fullName, payload_format: payloadFormat, event_types: eventTypes };
    await provisioned(`what ${bucket} tells ${topic}`, 'POST', url, config);
  }
}

async function provisioned(what: string, method: string, url: string, body: object): Promise<void> {
  const answer = await send(method, url, body);
  if (!answer.ok) throw await failure(what, answer);
}

function send(method: string, url: string, body: object): Promise<Response> {
  return fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function failure(what: string, response: Response): Promise<Error> {
  return new Error(`${what} could not be provisioned: ${response.status} ${await response.text()}`);
}
