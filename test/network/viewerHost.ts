/** A program: a viewer on the live socket, on a host of its own. Argument: JSON. It writes a line of JSON a second. */
import { setInterval } from 'node:timers';
import type { LiveRequest } from '../../daemon/schema.ts';
import { LiveClient } from '../api/live/liveClient.ts';

export interface ViewerHost {
  host: string;
  port: number;
  authorization: string;
  tiles: Omit<Extract<LiveRequest, { type: 'open' }>, 'type'>[];
  /** Reads nothing once the tiles are open. */
  stalls?: boolean;
}

export interface ViewerLine {
  /** Pictures since the line before, by tile. */
  pictures: number[];
  /** How old the newest picture was when it came, milliseconds, by tile; null: none came since the line before. */
  ages: (number | null)[];
  formats: string[];
  level: number;
  bits_per_second: number;
  delay_ms: number | null;
}

const { host, port, authorization, tiles, stalls } = JSON.parse(process.argv[2] ?? '') as ViewerHost;
const client = await new LiveClient(port, { host, headers: { authorization } }).opened();
for (const tile of tiles) client.say({ type: 'open', ...tile });
if (stalls) client.socket.pause();
console.log('ready');
setInterval(() => {
  const parts = client.parts.splice(0).filter(({ kind, past }) => kind !== 'init' && !past);
  const of = tiles.map(({ tile }) => parts.filter((part) => part.tile === tile));
  const pace = client.of('pace').at(-1);
  const line: ViewerLine = {
    pictures: of.map(({ length }) => length),
    ages: of.map((its) => (its.length === 0 ? null : Math.max(...its.map(({ age }) => age)))),
    formats: tiles.map(
      ({ tile }) => client.of('tile').findLast((event) => event.tile === tile)?.format ?? '',
    ),
    level: pace?.level ?? 0,
    bits_per_second: pace?.bits_per_second ?? 0,
    delay_ms: pace?.delay_ms ?? null,
  };
  console.log(JSON.stringify(line));
}, 1_000);
