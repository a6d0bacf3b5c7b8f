import { Compile } from 'typebox/compile';
import { type Order, Orders, type Verb } from '../../schema.ts';
import { updateAddress } from '../updateSource.ts';

/** An order that is to be carried out. */
export type TakenOrder =
  | { verb: 'update-check' | 'update-start'; source: string | undefined }
  | { verb: 'update-dismiss' | 'factory-reset' | 'reboot' };

/** Bytes of an order. */
export const ORDER_LIMIT = 8192;

export const VERBS = Object.keys(Orders) as Verb[];
const checks = new Map(VERBS.map((verb) => [verb, Compile(Orders[verb])]));

/**
 * What an order says. Pure, total.
 *
 * @param trusted it lay in root's own folder: only such a one may name a source, as whoever holds the daemon could
 *   else have root fetch from anywhere
 */
export function orderOf(verb: Verb, text: string, trusted: boolean): TakenOrder | { problem: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  if (!checks.get(verb)?.Check(body)) return { problem: 'is not what such an order says' };
  if (verb !== 'update-check' && verb !== 'update-start') return { verb };
  const { source } = body as Order<'update-start'>;
  if (source === undefined) return { verb, source };
  if (!trusted) return { problem: 'may not name a source of updates' };
  const address = sourceAddress(source);
  return address === undefined ? { problem: 'names a source that is no address' } : { verb, source: address };
}

/** As updateAddress(), and folders of this machine: file:///var/tmp/update. */
function sourceAddress(source: string): string | undefined {
  if (!source.startsWith('file://')) return updateAddress(source);
  const path = decoded(source.slice('file://'.length));
  return path?.startsWith('/') && !/\p{Cc}/u.test(path) && !path.split('/').includes('..')
    ? source
    : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The folder of a file:// source; undefined: it is another source. */
export function folderOf(source: string): string | undefined {
  return source.startsWith('file://') ? decoded(source.slice('file://'.length)) : undefined;
}
