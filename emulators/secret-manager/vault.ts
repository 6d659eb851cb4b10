import type { StoredPolicy } from '../rpc/iam-policies.ts';
import { ResourceStore } from '../rpc/resource-store.ts';
import { failedPrecondition } from '../rpc/status-error.ts';
import { noVersions, secretNotFound, splitVersionName, versionNotFound } from './names.ts';
import { milliseconds, type Secret, type SecretVersion, timestamp } from './resources.ts';

type Kinds = { secret: Secret; version: SecretVersion; policy: StoredPolicy };

interface VaultOptions {
  dataDir: string;
  fsync: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  warn(message: string, details: Record<string, unknown>): void;
}

/** Secrets and their versions, as they are now: what has expired is gone, what was due for destruction is destroyed. */
export class Vault {
  readonly now: () => number;
  readonly #store: ResourceStore<Kinds>;
  #lastEtag = 0;

  constructor({ dataDir, fsync, now, warn }: VaultOptions) {
    this.now = now;
    const kinds = ['secret', 'version', 'policy'] as const;
    this.#store = new ResourceStore<Kinds>({ directory: dataDir, fsync, kinds, warn });
  }

  /** Throws NOT_FOUND. */
  secret(name: string): Secret {
    const secret = this.find(name);
    if (secret === undefined) throw secretNotFound(name);
    return secret;
  }

  find(name: string): Secret | undefined {
    const secret = this.#store.get('secret', name);
    if (secret?.expireTime === undefined || milliseconds(secret.expireTime) > this.now()) return secret;
    this.removeSecret(secret);
    return undefined;
  }

  /** The secrets right under a project or a location. */
  secretsOf(parent: string): Secret[] {
    const names = [...this.#store.all('secret')].map(([name]) => name);
    return names.flatMap((name) => (name.startsWith(`${parent}/secrets/`) ? (this.find(name) ?? []) : []));
  }

  /** A version by its number, by `latest`, which is the newest one whatever its state, or by an alias. Throws NOT_FOUND. */
  version(name: string | undefined): SecretVersion {
    const { secret: secretName, version: called } = splitVersionName(name);
    const secret = this.secret(secretName);
    if (called === 'latest' && secret.versions === 0) throw noVersions(secretName);
    const number = called === 'latest' ? secret.versions : (secret.versionAliases?.[called] ?? Number(called));
    const version = this.#versionAt(secret, number);
    if (version === undefined) throw versionNotFound(name ?? '');
    return version;
  }

  versionsOf(secret: Secret): SecretVersion[] {
    const numbers = Array.from({ length: secret.versions }, (_, index) => index + 1);
    return numbers.flatMap((number) => this.#versionAt(secret, number) ?? []);
  }

  #versionAt(secret: Secret, number: number): SecretVersion | undefined {
    const version = this.#store.get('version', `${secret.name}/versions/${number}`);
    const due = version?.scheduledDestroyTime;
    if (version === undefined || due === undefined || milliseconds(due) > this.now()) return version;
    return this.destroy(version, due);
  }

  /** Its data is gone for good. */
  destroy(version: SecretVersion, at = timestamp(this.now())): SecretVersion {
    if (version.state === 'DESTROYED')
      throw failedPrecondition(`Secret Version [${version.name}] is in DESTROYED state.`);
    const { data: _, scheduledDestroyTime: __, ...rest } = version;
    return this.saveVersion({ ...rest, state: 'DESTROYED', destroyTime: at });
  }

  /** Stores it under a new etag. */
  saveSecret(secret: Omit<Secret, 'etag'>): Secret {
    const saved = { ...secret, etag: this.#newEtag() };
    this.#store.set('secret', secret.name, saved);
    return saved;
  }

  /** Stores it under a new etag. */
  saveVersion(version: Omit<SecretVersion, 'etag'>): SecretVersion {
    const saved = { ...version, etag: this.#newEtag() };
    this.#store.set('version', version.name, saved);
    return saved;
  }

  /** Its versions do not change a secret's etag. */
  countVersion(secret: Secret, versions: number): void {
    this.#store.set('secret', secret.name, { ...secret, versions });
  }

  /** With all its versions and its policy. */
  removeSecret(secret: Secret): void {
    for (let number = 1; number <= secret.versions; number++)
      this.#store.delete('version', `${secret.name}/versions/${number}`);
    this.#store.delete('policy', secret.name);
    this.#store.delete('secret', secret.name);
  }

  policy(name: string): StoredPolicy | undefined {
    return this.#store.get('policy', name);
  }

  savePolicy(name: string, policy: StoredPolicy): void {
    this.#store.set('policy', name, policy);
  }

  settled(): Promise<void> {
    return this.#store.settled();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** In quotes (google.aip.dev/154), and never the same twice. */
  #newEtag(): string {
    this.#lastEtag = Math.max(this.#lastEtag + 1, this.now() * 1000);
    return `"${this.#lastEtag.toString(16)}"`;
  }
}
