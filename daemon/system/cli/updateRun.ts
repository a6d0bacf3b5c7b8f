import { setTimeout as sleep } from 'node:timers/promises';
import type { Update } from '../../schema.ts';
import { ConfigError, readConfig } from '../config.ts';
import { isLoopback } from '../loopback.ts';
import { CliError, type Client } from './client.ts';
import { facts } from './output.ts';
import { type Desk, order, orderUpdate, rootDesk, rootState } from './rootOrders.ts';

export { order };

export interface UpdateOptions {
  check?: true;
  start?: true;
  dismiss?: true;
  source?: string;
}

/** Milliseconds. */
const EVERY = 1_000;
const PATIENCE = 5 * 60_000;

/** Root's own, on an appliance, where this very machine is meant. */
export function desk({ url }: Client): Desk | undefined {
  const config = readConfig();
  if (!isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'))) return undefined;
  return config instanceof ConfigError ? undefined : rootDesk(config.updateDir);
}

/** Does what the options say. @param root undefined: over the API. @throws CliError */
export async function carriedOut(
  options: UpdateOptions,
  client: Client,
  root: Desk | undefined,
): Promise<Update> {
  const source = options.source === undefined ? undefined : sourceOf(options.source);
  if (source !== undefined && !options.check && !options.start)
    throw new CliError(2, 'usage', '--source belongs to --check or --start.');
  if (source !== undefined && !root)
    throw new CliError(2, 'usage', 'Only root on an appliance may name a source of updates.');
  if (options.check || options.start) {
    if (root) return orderUpdate(root, options.start ? 'update-start' : 'update-check', source);
    return options.start ? client.call<Update>('POST', '/api/system/update') : checkOver(client);
  }
  if (options.dismiss) {
    if (root) await order(root, 'update-dismiss', {});
    else await client.call('DELETE', '/api/system/update/notice');
  }
  // The daemon tells of an order that nobody has said anything of yet; root's file is there without a daemon too.
  const told = await status(client).catch((error: unknown) => {
    const state = root && rootState(root);
    if (state) return state;
    throw error;
  });
  return options.dismiss ? { ...told, rolled_back: null } : told;
}

/** A path is a folder of this machine. */
function sourceOf(text: string): string {
  const source = text.startsWith('/') ? `file://${encodeURI(text)}` : text;
  if (/^(https?|file):\/\/./.test(source)) return source;
  throw new CliError(2, 'usage', `--source ${text} is neither an address nor a path that begins with /.`);
}

const status = (client: Client) => client.call<Update>('GET', '/api/system/update');

async function checkOver(client: Client): Promise<Update> {
  await client.call('POST', '/api/system/update/check');
  const end = performance.now() + PATIENCE;
  for (;;) {
    const now = await status(client);
    if (now.state !== 'checking') return now;
    if (performance.now() > end) throw new CliError(1, 'no_answer', 'The box is still looking. Ask later.');
    await sleep(EVERY);
  }
}

export function described(update: Update): string {
  const { version, available, state, progress, message, source, rolled_back } = update;
  return facts([
    ['version', version],
    ['available', available === version ? null : available],
    ['state', `${state}${progress === null ? '' : ` ${Math.round(progress)} %`}`],
    ...(message === null ? [] : [['message', message] as [string, string]]),
    ['source', source],
    ...(rolled_back === null
      ? []
      : [['went back', `from ${rolled_back.version}: ${rolled_back.reason}`] as [string, string]]),
  ]);
}
