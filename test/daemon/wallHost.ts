/**
 * A program: the wall's computer on a host of its own. Starts the daemon, adds one stream (argument: `StreamAdd` as
 * JSON), looks at it, and prints a line of JSON for each state and for each picture. Ends when its standard input does.
 */
import type { ServerEvent, StreamAdd, StreamState, StreamStatus } from '../../daemon/schema.ts';
import { startDaemon } from '../e2e/daemon.ts';
import { MjpegViewer } from './mjpegViewer.ts';

/** `picture`: when it was whole, Unix milliseconds with fractions, comparable between the processes of one machine. */
export type WallLine = { picture: number } | { state: StreamState } | { transport: string | null };

const say = (line: WallLine) => console.log(JSON.stringify(line));
const stream = JSON.parse(process.argv[2] ?? '') as StreamAdd;
const daemon = await startDaemon();
const sayTransport = async () => {
  const { transport_in_use } = await daemon.api<StreamStatus>('GET', `/api/streams/${stream.name}`);
  say({ transport: transport_in_use });
};
const end = (status: number) => daemon.stop().then(() => process.exit(status));
process.stdin.on('close', () => end(0)).resume();
try {
  const events = new WebSocket(`${daemon.url.replace('http', 'ws')}/api/events`);
  events.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as ServerEvent;
    if (event.type !== 'streams') return;
    for (const { state } of event.streams) {
      say({ state });
      if (state === 'live') void sayTransport();
    }
  });
  await daemon.api('POST', '/api/streams', stream);
  await MjpegViewer.open(`${daemon.url}/api/streams/${stream.name}/mjpeg?width=320`, () =>
    say({ picture: performance.timeOrigin + performance.now() }),
  );
  console.log('ready');
} catch (error) {
  console.error(error);
  await end(1);
}
