/** What the daemon says as it happens, for all parts of the page: streams’ states, alarms, and what to read again. */
import { signal } from '@preact/signals';
import type { Alarm, ServerEvent } from '../../daemon/schema.ts';
import { EventsSocket } from '../api/eventsSocket.ts';
import { readSession, readSettings } from './session.ts';

type StreamEvent = Extract<ServerEvent, { type: 'streams' }>['streams'][number];
type What = Extract<ServerEvent, { type: 'changed' }>['what'];

/** By stream name. */
export const streams = signal<ReadonlyMap<string, StreamEvent>>(new Map());
export const alarms = signal<readonly Alarm[]>([]);
/** Counts up whenever that was changed by anybody: read it again. Connecting anew counts too. */
export const changes = {
  cameras: signal(0),
  layouts: signal(0),
  wall: signal(0),
  settings: signal(0),
  session: signal(0),
  update: signal(0),
  provisioning: signal(0),
} as const satisfies Record<What, unknown>;
export const connected = signal(true);

/** Milliseconds. */
const TICK = 500;
let running: (() => void) | undefined;
let version: string | undefined;

/** Begins to listen, once; the page’s life long. */
export function listen(): void {
  if (running) return;
  const { protocol, host } = location;
  const socket = new EventsSocket({
    url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/events`,
    event: hear,
    connection: (open) => {
      connected.value = open;
      if (open) for (const count of Object.values(changes)) count.value++;
    },
  });
  const timer = setInterval(() => socket.tick(performance.now()), TICK);
  running = () => clearInterval(timer);
}

function hear(event: ServerEvent): void {
  if (event.type === 'hello') {
    // The box was brought up to date: another daemon, other pages. Where something is not saved the browser asks first.
    if (version !== undefined && version !== event.version) location.reload();
    version = event.version;
  } else if (event.type === 'streams') {
    const known = new Map(streams.peek());
    for (const stream of event.streams) known.set(stream.name, stream);
    streams.value = known;
  } else if (event.type === 'alarms') {
    alarms.value = event.alarms;
  } else if (event.type === 'changed') {
    changes[event.what].value++;
    if (event.what === 'settings') void readSettings();
    if (event.what === 'session') void readSession();
  }
}
