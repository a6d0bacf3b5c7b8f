/** Needs python3 (a Unix datagram socket) and systemd-notify (package systemd). No systemd has to run. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NotifierProcess } from './notifierProcess.ts';
import { missingPrograms, NotifyReceiver } from './notifyReceiver.ts';

describe('notify', { skip: missingPrograms && `needs ${missingPrograms}` }, () => {
  let receiver: NotifyReceiver;
  let daemon: NotifierProcess;
  before(async () => {
    receiver = await NotifyReceiver.start();
    daemon = new NotifierProcess({ NOTIFY_SOCKET: receiver.path });
  });
  after(async () => {
    await daemon.end();
    await receiver.stop();
  });

  it('ready sends READY=1 with a status and the daemon’s own process id', async () => {
    await daemon.tell('ready starting  nine\tcameras');
    const [datagram] = receiver.datagrams;
    assert.ok(datagram);
    assert.deepEqual(
      datagram.lines.filter((line) => line !== '').toSorted(),
      [`MAINPID=${daemon.pid}`, 'READY=1', 'STATUS=starting nine cameras'].toSorted(),
    );
  });

  it('watchdog sends WATCHDOG=1, each time', async () => {
    for (let n = 1; n <= 2; n++) {
      await daemon.tell('watchdog');
      await receiver.until(`${n} × WATCHDOG=1`, ({ lines }) => count(lines, 'WATCHDOG=1') === n);
    }
  });

  it('a hundred statuses in one go become the first and the last', async () => {
    await daemon.tell('statuses 100');
    await receiver.until('the last', ({ lines }) => lines.includes('STATUS=status 100'));
    const sent = receiver.lines.filter((line) => line.startsWith('STATUS=status '));
    assert.deepEqual(sent, ['STATUS=status 1', 'STATUS=status 100']);
  });

  it('trouble stands before the status until it is over', async () => {
    await daemon.tell('trouble FAILING database');
    await receiver.until('trouble', ({ lines }) => lines.includes('STATUS=FAILING database · status 100'));
    await daemon.tell('trouble ');
    await receiver.until('the end', ({ lines }) => count(lines, 'STATUS=status 100') === 2);
  });

  it('a status of several lines cannot bring in another assignment', async () => {
    await daemon.tell('status a\\nREADY=0\\nWATCHDOG=trigger');
    await receiver.until('one line', ({ lines }) => lines.includes('STATUS=a READY=0 WATCHDOG=trigger'));
  });

  it('stopping sends STOPPING=1, and no status after it', async () => {
    await daemon.tell('stopping');
    await receiver.until('STOPPING=1', ({ lines }) => lines.includes('STOPPING=1'));
    await daemon.tell('status too late');
    await daemon.tell('watchdog');
    await receiver.until('what was sent later', ({ lines }) => count(lines, 'WATCHDOG=1') === 3);
    assert.ok(!receiver.lines.some((line) => line.includes('too late')));
  });
});

describe('notify', () => {
  const everything = ['ready up', 'status fine', 'trouble bad', 'watchdog', 'stopping'];

  it('does nothing, and runs nothing, without NOTIFY_SOCKET', async () => {
    // Were a program started, it would not be found on this PATH, and the log would say so.
    const daemon = new NotifierProcess({ PATH: '/nowhere' });
    for (const command of everything) assert.equal(await daemon.tell(command), 'done');
    assert.equal(await daemon.end(), 0);
    assert.equal(daemon.stderr, '');
  });

  it('never throws when systemd-notify is missing: one warning', async () => {
    const daemon = new NotifierProcess({ PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/notify' });
    for (const command of [...everything, ...everything]) assert.equal(await daemon.tell(command), 'done');
    assert.equal(await daemon.end(), 0);
    const lines = daemon.stderr.trim().split('\n');
    assert.equal(lines.length, 1, daemon.stderr);
    assert.match(JSON.parse(lines[0]!).msg, /systemd was not told READY=1/);
  });

  it('never throws when nobody listens on the socket', {
    skip: missingPrograms && `needs ${missingPrograms}`,
  }, async () => {
    const daemon = new NotifierProcess({ NOTIFY_SOCKET: '/nowhere/notify' });
    for (const command of everything) assert.equal(await daemon.tell(command), 'done');
    assert.equal(await daemon.end(), 0);
    assert.match(daemon.stderr, /systemd was not told READY=1/);
  });
});

function count(lines: readonly string[], line: string): number {
  return lines.filter((other) => other === line).length;
}
