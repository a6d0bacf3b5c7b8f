/** The screens: sees what there is, decides, and does it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs } from './chromium.ts';
import { type Decision, decide, type Memory, NOTHING, type Order } from './decide.ts';
import { memoryBound, treeBytes } from './memory.ts';
import type { Output, Outputs } from './outputs.ts';
import { readProcesses } from './processes.ts';
import { type Running, start, type Vars } from './programs.ts';
import { television } from './television.ts';
import type { Told } from './told.ts';

/** Milliseconds. */
const MEMORY_EVERY = 30_000;
/** A browser that ends so soon after its start is given a rest. */
const SOON = 10_000;
const REST = 5_000;

interface Window {
  running: Running;
  since: number;
  bytes: number;
  hidden: boolean;
}

export interface KioskOptions {
  outputs: Outputs;
  /** Path of start.html. */
  page: string;
  /** Folder on tmpfs. */
  runtime: string;
  env: Vars;
  gpu: boolean;
  say: (sentence: string) => void;
}

export class Kiosk {
  readonly #options: KioskOptions;
  readonly #windows = new Map<number, Window>();
  /** Screens whose browser ended at once. */
  readonly #resting = new Map<number, number>();
  #memory: Memory = NOTHING;
  #measuredAt = -Infinity;

  constructor(options: KioskOptions) {
    this.#options = options;
  }

  /** One look at everything, and what follows from it. @param told undefined: the daemon does not answer */
  async tick(told: readonly Told[] | undefined): Promise<{ well: boolean; status: string }> {
    const now = performance.now();
    const outputs = this.#options.outputs.read();
    this.#measure(now);
    const hour = new Date().getHours();
    const decision = decide(this.#memory, {
      ...{ now, told },
      night: hour === 3 || hour === 4,
      bound: memoryBound(totalmem(), this.#windows.size),
      seen: outputs.map((output) => {
        const window = this.#windows.get(output.screen);
        const resting = !window && now < (this.#resting.get(output.screen) ?? 0);
        return { ...output, ready: output.ready && !resting, window };
      }),
    });
    this.#memory = decision.memory;
    for (const order of decision.orders) {
      const output = outputs.find(({ screen }) => screen === order.screen);
      if (output) await this.#carryOut(order, output, now);
    }
    return { well: decision.well, status: this.#status(decision, outputs) };
  }

  /** Ends the browsers, and lets the outputs be. */
  async close(): Promise<void> {
    await Promise.all([...this.#windows.values()].map(({ running }) => running.stop()));
    this.#options.outputs.release();
  }

  #measure(now: number): void {
    if (now - this.#measuredAt < MEMORY_EVERY) return;
    this.#measuredAt = now;
    const processes = readProcesses();
    for (const window of this.#windows.values()) window.bytes = treeBytes(window.running.pid, processes);
  }

  async #carryOut(order: Order, output: Output, now: number): Promise<void> {
    const { outputs, say } = this.#options;
    const { screen, name } = output;
    if ('why' in order) say(`screen ${screen} (${name}): ${order.do}, ${order.why}`);
    switch (order.do) {
      case 'start':
      case 'hide':
        this.#start(output, now, order.do === 'hide');
        break;
      case 'stop':
        await this.#windows.get(screen)?.running.stop();
        break;
      case 'off':
        // Afterwards there is nothing at that connector to talk to.
        await television(output.id, false);
        if (!(await outputs.power(output, false))) say(`screen ${screen} (${name}): cannot be switched off`);
        break;
      case 'on':
        await outputs.power(output, true);
        void television(output.id, true);
        break;
      case 'detect':
        outputs.detect(output);
    }
  }

  #start({ screen, name }: Output, now: number, hidden: boolean): void {
    const { runtime, page, gpu, env } = this.#options;
    const folder = join(runtime, `browser-${screen}`);
    rmSync(folder, { recursive: true, force: true });
    // Nobody reads these, and they lie in memory.
    if (this.#windows.size === 0)
      rmSync(join(env.HOME ?? runtime, '.config/chromium/Crash Reports'), { recursive: true, force: true });
    const args = chromiumArgs({ screen, connector: name, folder, page, gpu, hidden });
    const running = start('chromium', args, env);
    const window: Window = { running, since: now, bytes: 0, hidden };
    this.#windows.set(screen, window);
    void running.ended.then(() => {
      const at = performance.now();
      if (at - now < SOON) this.#resting.set(screen, at + REST);
      if (this.#windows.get(screen) === window) this.#windows.delete(screen);
    });
  }

  #status({ memory }: Decision, outputs: readonly Output[]): string {
    const words = outputs.map(({ screen, name, connected }) => {
      const own = memory.screens.get(screen);
      const state = own?.off
        ? 'off by its hours'
        : !connected
          ? 'no monitor'
          : own?.heard
            ? 'shows the wall'
            : 'waits for the wall';
      return `screen ${screen} (${name}) ${state}`;
    });
    return words.length > 0 ? words.join(' · ') : 'no monitor';
  }
}

/** Which connector was which screen, over restarts. A file that cannot be read or written is none. */
export const knownScreens = {
  read(file: string): string[] {
    try {
      return readFileSync(file, 'utf8')
        .split('\n')
        .filter((name) => name !== '');
    } catch {
      return [];
    }
  },
  write(file: string, names: readonly string[]): void {
    try {
      writeFileSync(file, names.map((name) => `${name}\n`).join(''));
    } catch (error) {
      console.error(`${file}: ${error instanceof Error ? error.message : error}`);
    }
  },
};
