/** Twenty times the plug is pulled at a random moment, of booting, of updating, of writing. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout, System } from '../../../daemon/schema.ts';
import type { Box } from './box.ts';
import type { Machine } from './machine.ts';

export interface PowerCutsOptions {
  machine: Machine;
  box: Box;
  /** Milliseconds that a boot may take. */
  boot: number;
  /** Lets there be an update. */
  offer(): void;
  say(line: string): void;
}

const KINDS = ['boot', 'write', 'update', 'boot', 'write'] as const;
const CUTS = 20;

/** @throws when the box does not come back, or without a layout that it had said is saved */
export async function powerCuts({ machine, box, boot, offer, say }: PowerCutsOptions): Promise<void> {
  let saved = 0;
  for (let cut = 1; cut <= CUTS; cut++) {
    const kind = KINDS[cut % KINDS.length] ?? 'boot';
    const before = Math.random();
    let written = 0;
    if (kind === 'boot') {
      await machine.cut();
      await machine.powerOn();
      // From the firmware to some time after the daemon is ready.
      await sleep(before * 120_000);
    } else if (kind === 'write') {
      const until = performance.now() + before * 20_000;
      while (performance.now() < until) {
        const { code } = await box.run(layoutCommand(saved + 1));
        if (code === 0) written = ++saved;
      }
      // Cut in the middle of the next one.
      void box.run(layoutCommand(saved + 1), 30);
      await sleep(before * 3_000);
    } else {
      offer();
      await box.run('walleye update --start', 120);
      await sleep(before * 120_000);
    }
    if (cut % 4 === 0) await machine.reset();
    else {
      await machine.cut();
      await machine.powerOn();
    }
    const begun = performance.now();
    await box.up(2 * boot);
    const { layouts = [] } = (await box.walleye<{ layouts: Layout[] }>('layouts')) ?? {};
    const found = Math.max(0, ...layouts.map(({ name }) => Number(/^n(\d+)$/.exec(name)?.[1] ?? 0)));
    assert.ok(
      layouts.some(({ name }) => name === 'site'),
      `cut ${cut} (${kind}): the layout of the site is there`,
    );
    assert.ok(
      found >= saved,
      `cut ${cut} (${kind}): layout n${saved} was saved, n${found} is the last that is there`,
    );
    saved = found;
    const version = (await box.walleye<{ system: System }>('status'))?.system.version;
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    say(
      `cut ${cut}, ${kind} at ${(before * 100).toFixed(0)} %: back after ${seconds} s as ${version} with ${layouts.length} layouts, ${written ? `n${written} saved before` : 'nothing written'}`,
    );
  }
}

const layoutCommand = (number: number) => `walleye layout set n${number} cam1 cam2`;
