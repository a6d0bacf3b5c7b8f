import { closeSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { CLOCK_BASE, type Handover, type LeftSession } from '../ingest/handover/handover.ts';
import { takeLeft } from '../ingest/handover/leftFolder.ts';
import type { DescriptorStore, KeptDescriptor } from '../system/descriptorStore.ts';

/** Milliseconds after our start in which connections are taken over; the others are closed then. */
const TAKING = 10_000;
/** Milliseconds after which a camera has given up a session of which it heard nothing (RFC 2326 §12.37: 60 s unless it says otherwise). */
const LONGEST_SILENCE = 50_000;
/** Milliseconds that a stream waits for its recorder: its folder may lie on a share that is slow to answer. */
const PATIENCE = 3_000;

export interface HandoversOptions {
  /** In memory, and kept from one start to the next. */
  folder: string;
  /** What a daemon before has left. */
  kept: readonly KeptDescriptor[];
  store: DescriptorStore;
  log: Logger;
}

/**
 * The sessions that a daemon which dies leaves to the next one (ingest/handover/handover.ts), of all streams that are recorded. One that
 * ends as it should tears its sessions down, and leaves none.
 */
export class Handovers {
  readonly #options: HandoversOptions;
  /** By name, until they are taken. */
  readonly #left = new Map<string, number>();
  readonly #streams = new Map<string, StreamHandover>();

  constructor(options: HandoversOptions) {
    this.#options = options;
    const { kept, log } = options;
    for (const { name, descriptor } of kept) {
      if (this.#left.has(name)) closeSync(descriptor);
      else this.#left.set(name, descriptor);
    }
    if (this.#left.size > 0) log.info({ sessions: this.#left.size }, 'the daemon before has left sessions');
    this.#forget();
    setTimeout(() => this.#closeRest(), TAKING).unref();
  }

  of(stream: string): Handover {
    return this.#of(stream);
  }

  /** Every picture of the stream counts, until the returned function is called. */
  want(stream: string): () => void {
    return this.#of(stream).want();
  }

  #of(stream: string): StreamHandover {
    // Colons and control characters are none of FDNAME=; and no name is a way out of the folder.
    const name = `stream-${encodeURIComponent(stream)}`;
    const known = this.#streams.get(name);
    if (known) return known;
    const { folder, store } = this.#options;
    const take = () => {
      const descriptor = this.#left.get(name);
      this.#left.delete(name);
      return descriptor;
    };
    const made = new StreamHandover({ name, folder: join(folder, name), store, take });
    this.#streams.set(name, made);
    return made;
  }

  /** Folders of sessions of which nothing else is left. */
  #forget(): void {
    const { folder } = this.#options;
    for (const name of readdirSync(folder))
      if (name.startsWith('stream-') && !this.#left.has(name))
        rmSync(join(folder, name), { recursive: true, force: true });
  }

  /** Of streams that are no more, or are opened in another way. */
  #closeRest(): void {
    const { folder, store } = this.#options;
    for (const [name, descriptor] of this.#left) {
      closeSync(descriptor);
      store.release(name);
      rmSync(join(folder, name), { recursive: true, force: true });
    }
    this.#left.clear();
  }
}

interface StreamHandoverOptions {
  name: string;
  folder: string;
  store: DescriptorStore;
  /** The descriptor that was left, once. */
  take: () => number | undefined;
}

class StreamHandover implements Handover {
  readonly folder: string;
  readonly #options: StreamHandoverOptions;
  readonly #begun = Promise.withResolvers<void>();
  #wants = 0;
  /** The store has it. */
  #kept = false;

  constructor(options: StreamHandoverOptions) {
    this.#options = options;
    this.folder = options.folder;
  }

  get wanted(): boolean {
    return this.#wants > 0;
  }

  want(): () => void {
    this.#wants++;
    this.#begun.resolve();
    let wants = true;
    return () => {
      if (wants) this.#wants--;
      wants = false;
    };
  }

  async take(): Promise<LeftSession | undefined> {
    const descriptor = this.#options.take();
    if (descriptor === undefined) return undefined;
    this.#kept = true;
    await Promise.race([this.#begun.promise, sleep(PATIENCE)]);
    const left = takeLeft(this.folder);
    const silence = performance.now() + CLOCK_BASE - (left?.records.at(-1)?.at ?? 0);
    if (left && silence < LONGEST_SILENCE) return { ...left, descriptor };
    closeSync(descriptor);
    this.release();
    return undefined;
  }

  keep(descriptor: () => number | undefined): void {
    // What systemd gave back it has kept as well.
    if (!this.#kept) this.#options.store.keep(this.#options.name, descriptor);
    this.#kept = true;
  }

  release(): void {
    if (this.#kept) this.#options.store.release(this.#options.name);
    this.#kept = false;
  }
}
