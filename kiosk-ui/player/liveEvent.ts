/** The JSON messages of the live socket that come from the box. Pure. */
import type { LiveEvent, LiveFormat } from '../../daemon/schema.ts';

export type LiveEventOf<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>;

const FORMATS: readonly unknown[] = ['mp4', 'annexb', 'jpeg'] satisfies LiveFormat[];

type Field = (value: unknown) => boolean;
const text: Field = (value) => typeof value === 'string';
const number: Field = (value) => Number.isFinite(value);
const whole: Field = (value) => Number.isInteger(value) && (value as number) >= 0;
const orNull =
  (field: Field): Field =>
  (value) =>
    value === null || field(value);

/** What is used of each message, and must therefore be there. Others may come with it. */
const FIELDS: { [T in LiveEvent['type']]: Partial<Record<keyof LiveEventOf<T>, Field>> } = {
  hello: { version: (value) => value === 1, instance: text, now: number },
  tile: { tile: whole, feed: whole, stream: text, reason: text, format: (value) => FORMATS.includes(value) },
  state: { tile: whole, stream: text, state: text, since: number, message: orNull(text) },
  sound: { tile: whole, feed: whole, state: text },
  error: { tile: whole, code: text, message: text },
  pace: { bits_per_second: number, level: whole, dropped: whole, delay_ms: orNull(number) },
  pong: { at: number, now: number },
};

/** One message; undefined for what is none, or what a newer box may say and this page does not know. */
export function readLiveEvent(data: string): LiveEvent | undefined {
  try {
    const event = JSON.parse(data) as Record<string, unknown> | null;
    const fields = Object.entries<Field | undefined>(fieldsOf(event?.type) ?? { type: () => false });
    return fields.every(([name, field]) => field?.(event?.[name])) ? (event as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(type: unknown) {
  return Object.hasOwn(FIELDS, String(type)) ? FIELDS[type as LiveEvent['type']] : undefined;
}
