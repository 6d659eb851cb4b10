import * as pulumi from '@pulumi/pulumi';
// The SDK's own entry points for its runner and its tests; they are internal, so the SDK's version is pinned.
import * as settings from '@pulumi/pulumi/runtime/settings.js';

/** A resource as the program asks for it. */
export interface Resource {
  /** Pulumi's type, such as `gcp:pubsub/topic:Topic`. */
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** Top-level inputs that are, or have something in them that is, secret; in `inputs` they stand in clear. */
  secretInputs: string[];
  /** URN. */
  parent: string;
  /** Names of the resources it waits for, those whose outputs it uses among them, as `type name`. */
  dependsOn: string[];
  protect: boolean;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getCustom(): boolean;
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
}

interface Monitor {
  registerResource(request: RegisterRequest, callback: unknown): unknown;
}

/** Runs a program against the mocks that are set, and returns what it registered, by type and name. */
export async function recordResources(program: () => Promise<Record<string, unknown>>): Promise<Resource[]> {
  const recorded: Resource[] = [];
  const monitor = settings.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  // What mocks are handed lacks parent, dependencies and protection; the request has them.
  monitor.registerResource = (request, callback) => {
    if (request.getCustom()) recorded.push(resourceOf(request));
    return register(request, callback);
  };
  let failure: { error: unknown } | undefined;
  // A rejection within the stack surfaces a second and a third time, unhandled: it is carried around it.
  await pulumi.runtime.runInPulumiStack(() =>
    program().catch((error: unknown) => {
      failure = { error };
      return {};
    }),
  );
  await (settings as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  if (failure !== undefined) throw failure.error;
  return recorded.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function resourceOf(request: RegisterRequest): Resource {
  const inputs = request.getObject()?.toJavaScript() ?? {};
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: unwrapped(inputs) as Record<string, unknown>,
    secretInputs: Object.keys(inputs).filter((key) => hasSecret(inputs[key])),
    parent: request.getParent(),
    dependsOn: request.getDependenciesList().map(readableUrn).sort(),
    protect: request.getProtect(),
  };
}

function keyOf({ type, name }: Resource): string {
  return `${type} ${name}`;
}

/** `urn:pulumi:stack::project::parent$type::name` as `type name`. */
function readableUrn(urn: string): string {
  const [, , types = '', name = ''] = urn.split('::');
  return `${types.split('$').at(-1)} ${name}`;
}

/** The SDK's marks of special values: https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

type Marked = Record<string, unknown>;

function isMarked(value: unknown): value is Marked {
  return typeof value === 'object' && value !== null && SIGNATURE in value;
}

function hasSecret(value: unknown): boolean {
  if (isMarked(value) && value[SIGNATURE] === SECRET) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasSecret);
}

/** Secrets in clear, and an asset as `{ path }`. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  if (isMarked(value) && value[SIGNATURE] === SECRET) return unwrapped(value.value);
  const entries = Object.entries(value).filter(([key]) => key !== SIGNATURE);
  return Object.fromEntries(entries.map(([key, each]) => [key, unwrapped(each)]));
}
