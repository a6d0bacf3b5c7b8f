/**
 * Run by notify.test.ts and watchdog.test.ts as the daemon's stand-in, with NOTIFY_SOCKET in its environment: does
 * what each line of standard input says and answers it with one line.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createLog } from '../../daemon/system/log.ts';
import { createNotify } from '../../daemon/system/notify.ts';
import { run } from '../../daemon/system/watchdog.ts';

const log = createLog({ level: 'info' });
const notify = createNotify({ socket: process.env.NOTIFY_SOCKET || undefined, log });
const stop = new AbortController();
let mode = 'pass';
let started = 0;

const checks = [
  { name: 'database', check: () => {} },
  {
    name: 'supervisors',
    async check() {
      started++;
      if (mode === 'throw') throw new Error('camera front stuck');
      if (mode === 'hang') await once(stop.signal, 'abort');
      if (mode === 'block') block(1500);
    },
  },
];

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

const commands: Record<string, (argument: string) => unknown> = {
  ready: (text) => notify.ready(text),
  status: (text) => notify.status(text),
  statuses: (count) => {
    for (let n = 1; n <= Number(count); n++) notify.status(`status ${n}`);
  },
  trouble: (text) => notify.trouble(text || undefined),
  watchdog: () => notify.watchdog(),
  stopping: () => notify.stopping(),
  watch: (usec) => void run(stop.signal, { usec: Number(usec), checks, notify, log }),
  mode: (value) => {
    mode = value;
    started = 0;
  },
  block: (milliseconds) => block(Number(milliseconds)),
  started: () => started,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', argument = ''] = line.split(/ (.*)/);
  const answer = await commands[command]!(argument.replaceAll('\\n', '\n'));
  process.stdout.write(`${command} ${answer ?? 'done'}\n`);
}
stop.abort();
