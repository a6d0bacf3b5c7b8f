import type { Verb } from '../../schema.ts';
import { GuardedFolder } from './guardedFolder.ts';
import { ORDER_LIMIT, orderOf, type TakenOrder, VERBS } from './order.ts';
import type { Tools } from './tools.ts';

/**
 * Takes every order away that lies there, and with it all else: what is left would start this program again and again.
 * Root's own come first.
 *
 * @returns what is to be carried out
 */
export async function takeOrders({ places, run, log }: Tools): Promise<TakenOrder[]> {
  const orders: TakenOrder[] = [];
  for (const [path, trusted] of [
    [places.orders.root, true],
    [places.orders.daemon, false],
  ] as const) {
    const folder = await GuardedFolder.open(path);
    if (!folder) continue;
    try {
      for (const verb of VERBS) {
        const order = await takeOne(folder, verb, trusted);
        if (!order) continue;
        if ('problem' in order) log(`an order was thrown away: ${verb}.json ${order.problem}`);
        else orders.push(order);
      }
      // Their names are a stranger's: not even told.
      const others = await folder.names();
      for (const name of others) await folder.remove(name, run);
      if (others.length > 0) log(`${others.length} files that are no orders were removed from ${path}`);
    } finally {
      await folder.close();
    }
  }
  return orders;
}

async function takeOne(
  folder: GuardedFolder,
  verb: Verb,
  trusted: boolean,
): Promise<TakenOrder | { problem: string } | undefined> {
  const name = `${verb}.json`;
  const content = await folder.read(name, ORDER_LIMIT);
  if (!content) return undefined;
  // Whoever removes it has it: the daemon withdraws what nobody takes.
  const taken = await folder.take(name);
  if ('problem' in content) return content;
  return taken ? orderOf(verb, content.text, trusted) : undefined;
}
