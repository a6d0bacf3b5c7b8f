import type { ServerEvent } from '../../daemon/schema.ts';

const TYPES: ReadonlySet<unknown> = new Set<ServerEvent['type']>([
  'hello',
  'streams',
  'pictures',
  'changed',
  'alarms',
  'repair',
]);

/** One message of the events socket; undefined for what a newer daemon may say and this page does not know. */
export function parseServerEvent(data: unknown): ServerEvent | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const event = JSON.parse(data) as ServerEvent | null;
    return TYPES.has(event?.type) ? (event ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
