import { setTimeout as sleep } from 'node:timers/promises';
import { requestReset } from './factoryReset.ts';
import type { TakenOrder } from './order.ts';
import { takeOrders } from './orderRound.ts';
import type { StateFile } from './stateFile.ts';
import type { Tools } from './tools.ts';
import { check, start } from './update.ts';

/** Milliseconds between two looks while an update is being installed. */
const EVERY = 1_000;
/** So long without an order, and it is the end: a folder that cannot be emptied must not start us again at once. */
const CALM = 3_000;

/**
 * Carries orders out until there are none. An update takes long: meanwhile the others are carried out all the same, so
 * that a factory reset is a way out of one that hangs.
 */
export async function carryOutOrders(
  tools: Tools,
  state: StateFile,
  pauses = { every: EVERY, calm: CALM },
): Promise<void> {
  let update: Promise<void> | undefined;
  for (let calm = false; !calm; ) {
    const orders = await takeOrders(tools);
    for (const order of orders) {
      tools.log(`order: ${order.verb}`);
      if (order.verb === 'update-check' || order.verb === 'update-start') {
        if (update) tools.log('an update is under way already');
        else if ((await state.read()).state === 'confirming')
          tools.log('the version that runs has to prove itself first');
        else {
          const work = order.verb === 'update-start' ? start : check;
          update = work(tools, state, order.source)
            .catch((error: unknown) => broken(tools, state, error))
            .finally(() => {
              update = undefined;
            });
        }
      } else await carryOut(tools, state, order);
    }
    calm = orders.length === 0 && update === undefined;
    if (update) await Promise.race([update, sleep(pauses.every)]);
    else await sleep(calm ? pauses.calm : 0);
  }
}

async function carryOut(tools: Tools, state: StateFile, order: TakenOrder): Promise<void> {
  const { places, run, log } = tools;
  try {
    if (order.verb === 'update-dismiss') await state.change({ rolled_back: null });
    if (order.verb === 'factory-reset') {
      const fault = await requestReset(places.efiVariables, run);
      if (fault !== undefined) {
        log(fault);
        await state.change({ message: fault });
        return;
      }
    }
    if (order.verb === 'factory-reset' || order.verb === 'reboot') {
      const { status, stderr } = await run(['systemctl', '--no-block', 'reboot']);
      if (status !== 0) log(`the machine cannot be restarted: ${stderr.trim()}`);
    }
  } catch (error) {
    await broken(tools, state, error);
  }
}

/** A disk that is full or broken. */
async function broken({ log }: Tools, state: StateFile, error: unknown): Promise<void> {
  const message = `It failed: ${(error as Error).message}`;
  log(message);
  await state.change({ state: 'failed', message, progress: null, target: null }).catch(() => {});
}
