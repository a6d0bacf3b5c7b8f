import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, Update, UpdateState, Verb } from '../../schema.ts';
import { leaveOrder, ROOT_ORDERS } from '../orders.ts';
import { RootFile } from '../rootFile.ts';
import { readUpdateState } from '../updateState.ts';
import { CliError } from './client.ts';

export interface Desk {
  /** Root's own folder of orders. */
  orders: string;
  /** Where root tells of updates. */
  state: string;
  /** Milliseconds: between two looks, until an order counts as not taken, until a look or the beginning of an update is over. */
  pace?: { every: number; taken: number; answered: number };
}

/** Copying an update from a folder is part of its beginning. */
const PACE = { every: 250, taken: 60_000, answered: 20 * 60_000 };
const STATE_LIMIT = 64 * 1024;

/** This is an appliance, and we are root on it: orders need no daemon. */
export function rootDesk(updateDir: string): Desk | undefined {
  const isRoot = process.getuid?.() === 0;
  const there = statSync(ROOT_ORDERS, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isRoot && there ? { orders: ROOT_ORDERS, state: join(updateDir, 'state.json') } : undefined;
}

/**
 * Leaves an order and waits until it is taken.
 *
 * @throws CliError nobody took it; it is withdrawn then
 */
export async function order<V extends Verb>(desk: Desk, verb: V, body: Order<V>): Promise<void> {
  const { every, taken } = desk.pace ?? PACE;
  const path = join(desk.orders, `${verb}.json`);
  try {
    leaveOrder(desk.orders, verb, body);
  } catch (cause) {
    const message = `The order cannot be written: ${(cause as Error).message}`;
    throw new CliError(1, 'io', message, { cause });
  }
  const end = performance.now() + taken;
  while (existsSync(path)) {
    if (performance.now() > end) {
      rmSync(path, { force: true });
      const message = 'Nothing on the machine took the order: systemctl status walleye-orders.path';
      throw new CliError(1, 'not_taken', message);
    }
    await sleep(every);
  }
}

/** What root says of updates. Undefined: nothing that can be read. */
export function rootState(desk: Desk): Update | undefined {
  return stateIn(fileOf(desk));
}

/** The order for a look or an update; answers when the look is over, or the update has begun or failed. @throws CliError */
export async function orderUpdate(
  desk: Desk,
  verb: 'update-check' | 'update-start',
  source: string | undefined,
): Promise<Update> {
  const { every, answered } = desk.pace ?? PACE;
  const file = fileOf(desk);
  const before = file.stamp;
  refuseWhileBusy(stateIn(file));
  await order(desk, verb, source === undefined ? {} : { source });
  const end = performance.now() + answered;
  for (;;) {
    file.look();
    const state = stateIn(file);
    if (file.stamp !== before && state && state.state !== 'checking') return state;
    if (performance.now() > end) {
      const message = 'Nothing is heard of it: journalctl -u walleye-orders';
      throw new CliError(1, 'no_answer', message);
    }
    await sleep(every);
  }
}

function refuseWhileBusy(now: Update | undefined): void {
  const why = {
    downloading: 'is being installed: the box restarts by itself when it is there.',
    installing: 'is being installed: the box restarts by itself when it is there.',
    restarting: 'is installed: the box restarts.',
    confirming: 'has to show first that it works. That takes minutes.',
  }[now?.state as string];
  if (why === undefined) return;
  const which = now?.state === 'confirming' ? now.version : now?.available;
  throw new CliError(1, 'update_running', `Version ${which ?? '(unknown)'} ${why}`);
}

function fileOf({ state }: Desk): RootFile<UpdateState> {
  return new RootFile(state, { limit: STATE_LIMIT, parse: readUpdateState });
}

function stateIn({ value }: RootFile<UpdateState>): Update | undefined {
  if (!value) return undefined;
  const { target, ...said } = value;
  return { ...said, supported: true, available: said.available ?? target };
}
