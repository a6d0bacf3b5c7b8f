/** The daemon under something that listens as systemd does. Needs python3 and systemd-notify; no systemd has to run. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { missingPrograms, NotifyReceiver } from '../system/notifyReceiver.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';

describe('the daemon under systemd', {
  skip: missingPrograms && `needs ${missingPrograms}`,
  timeout: 180_000,
}, () => {
  let receiver: NotifyReceiver;
  let cameras: VirtualCameras;
  let daemon: Daemon;
  const count = (line: string) => receiver.lines.filter((one) => one === line).length;

  before(async () => {
    receiver = await NotifyReceiver.start();
    cameras = await startVirtualCameras({ cameras: [{ name: 'Gate' }] });
    daemon = await startDaemon({ env: { NOTIFY_SOCKET: receiver.path, WATCHDOG_USEC: '2000000' } });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
    await receiver?.stop();
  });

  it('says READY=1 once, with its own process id and a status, when it answers requests', async () => {
    await receiver.until('READY=1', ({ lines }) => lines.includes('READY=1'));
    const ready = receiver.datagrams.find(({ lines }) => lines.includes('READY=1'))?.lines ?? [];
    assert.ok(ready.includes(`MAINPID=${daemon.pid}`), ready.join());
    assert.ok(
      ready.some((line) => /^STATUS=.*0 known/.test(line)),
      ready.join(),
    );
    assert.equal((await fetch(`${daemon.url}/api/health`)).status, 200);
    assert.equal(count('READY=1'), 1);
  });

  it('feeds the watchdog again and again, faster than it bites', async () => {
    let seen = 0;
    let last = performance.now();
    let inTime = 0;
    // In a row: a machine with other work may be late once.
    await receiver.until('five times WATCHDOG=1, each within 2 s of the one before', () => {
      const now = performance.now();
      if (now - last > 2_000) inTime = 0;
      if (count('WATCHDOG=1') > seen) {
        seen++;
        inTime++;
        last = now;
      }
      return inTime >= 5;
    });
  });

  it('tells in its status how many streams are live', async () => {
    const rtsp_url = cameras.cameras[0]!.rtspUrl('sub');
    await daemon.api('POST', '/api/streams', { name: 'gate', rtsp_url });
    await receiver.until('one live stream', ({ lines }) =>
      lines.some((line) => line.startsWith('STATUS=1 of 1 wanted streams live, 1 known')),
    );
  });

  it('says STOPPING=1 on SIGTERM, after everything else but the last of the watchdog', async () => {
    assert.equal(await daemon.stop(), 0);
    await receiver.until('STOPPING=1', ({ lines }) => lines.includes('STOPPING=1'));
    assert.equal(count('STOPPING=1'), 1);
    const order = receiver.lines.filter((line) => /^(READY|STOPPING)=1$/.test(line));
    assert.deepEqual(order, ['READY=1', 'STOPPING=1']);
    const after = receiver.lines.slice(receiver.lines.indexOf('STOPPING=1') + 1);
    assert.deepEqual(
      after.filter((line) => line !== '' && line !== 'WATCHDOG=1' && line !== 'STATUS=stopping'),
      [],
    );
  });
});
