import { Readable } from 'node:stream';
import { at, now } from '../clock.ts';
import type { Broker } from './broker.ts';
import { fileContent, fileName } from './cloud-storage-file.ts';
import { maxDurationMs } from './cloud-storage-settings.ts';
import type { Delivery } from './delivery.ts';
import type { CloudStorageConfig } from './resources.ts';
import type { Warn } from './segment.ts';
import type { Puller, Subscription } from './subscription.ts';

/** A file is closed at these sizes whatever the subscription permits: its messages' leases are held in memory. */
const MAX_MESSAGES = 100_000;
const MAX_BYTES = 256 * 1024 * 1024;
const UPLOAD_TIMEOUT_MS = 60_000;

interface StorageServices {
  broker: Broker;
  storageUrl: string | undefined;
  warn: Warn;
}

/**
 * Writes a subscription's messages to files in Cloud Storage, through its JSON API, and acknowledges them once their file
 * is there: cloud.google.com/pubsub/docs/cloudstorage. A file that could not be written is tried again after a back-off.
 */
export class CloudStorageLoop implements Puller {
  #subscription: Subscription;
  #services: StorageServices;
  #open: Delivery[] = [];
  #openBytes = 0;
  #callOff: (() => void) | undefined;
  #stopped = false;

  constructor(subscription: Subscription, services: StorageServices) {
    this.#subscription = subscription;
    this.#services = services;
  }

  get hungry(): boolean {
    return !this.#stopped && !this.#isFull;
  }

  get #config(): CloudStorageConfig {
    return this.#subscription.resource.cloudStorageConfig ?? {};
  }

  get #isFull(): boolean {
    const { maxBytes, maxMessages } = this.#config;
    return (
      this.#open.length >= Math.min(maxMessages || MAX_MESSAGES, MAX_MESSAGES) ||
      this.#openBytes >= Math.min(maxBytes || MAX_BYTES, MAX_BYTES)
    );
  }

  serve(): void {
    const { maxBytes, maxMessages } = this.#config;
    const taken: Delivery[] = [];
    const appetite = {
      messages: Math.min(maxMessages || MAX_MESSAGES, MAX_MESSAGES) - this.#open.length,
      bytes: Math.min(maxBytes || MAX_BYTES, MAX_BYTES) - this.#openBytes,
      onePerKey: false,
      // No lease: they are answered for when the file is written, or could not be.
      leaseMs: 0,
    };
    this.#subscription.queue.take(this, appetite, taken);
    for (const delivery of taken) {
      this.#open.push(delivery);
      this.#openBytes += delivery.bytes;
    }
    if (this.#isFull) this.#closeFile();
    else if (taken.length > 0) this.#callOff ??= at(now() + maxDurationMs(this.#config), () => this.#closeFile());
  }

  released(): void {
    // What is open is counted here, and begins anew with each file.
  }

  /** What is not in a file yet goes back to the subscription, where that goes on. */
  end(reason: 'deleted' | 'detached' | 'changed'): void {
    this.stop();
    const { queue } = this.#subscription;
    for (const delivery of this.#takeOpen())
      if (reason === 'changed' && delivery.state === 'leased') queue.fail(delivery);
  }

  stop(): void {
    this.#stopped = true;
    this.#callOff?.();
  }

  #closeFile(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const { pool } = this.#services.broker;
    const deliveries = this.#takeOpen();
    const leases = deliveries.map((delivery) => ({ delivery, generation: delivery.generation }));
    if (deliveries.length === 0) return;
    void this.#write(deliveries).then((written) => {
      const { queue } = this.#subscription;
      for (const { delivery, generation } of leases) {
        if (pool.leased(delivery.slot, generation) !== delivery || delivery.queue !== queue) continue;
        if (written) queue.ack(delivery);
        else queue.fail(delivery);
      }
    });
  }

  /** Empties the open file. */
  #takeOpen(): Delivery[] {
    // A seek ends what was out.
    const deliveries = this.#open.filter(({ queue }) => queue === this.#subscription.queue);
    this.#open = [];
    this.#openBytes = 0;
    return deliveries;
  }

  /** False, and a warning, where the file could not be written; the subscription's state says why. */
  async #write(deliveries: Delivery[]): Promise<boolean> {
    const { bucket = '' } = this.#config;
    const { broker, storageUrl, warn } = this.#services;
    try {
      if (storageUrl === undefined) throw new Error('no storageUrl is set, nor STORAGE_EMULATOR_HOST');
      const name = fileName(this.#config, new Date(now()));
      const { bytes, type } = fileContent(broker.store, this.#subscription.name, this.#config, deliveries);
      const url = `${storageUrl}/upload/storage/v1/b/${encodeURIComponent(bucket)}/o?uploadType=media&name=${encodeURIComponent(name)}`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': type },
        body: Readable.toWeb(bytes) as ReadableStream<Uint8Array>,
        duplex: 'half',
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      this.#setState(response.status);
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      return true;
    } catch (error) {
      if (!this.#stopped)
        warn('could not write a file to Cloud Storage', {
          subscription: this.#subscription.name,
          bucket,
          error: (error as Error).message,
        });
      return false;
    }
  }

  #setState(status: number): void {
    const state = status === 404 ? 'NOT_FOUND' : status === 401 || status === 403 ? 'PERMISSION_DENIED' : 'ACTIVE';
    const { resource } = this.#subscription;
    resource.cloudStorageConfig = { ...this.#config, state };
    resource.state = state === 'ACTIVE' ? 'ACTIVE' : 'RESOURCE_ERROR';
  }
}
