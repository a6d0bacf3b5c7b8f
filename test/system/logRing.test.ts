import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog } from '../../daemon/system/log.ts';
import { LogRing } from '../../daemon/system/logRing.ts';

function logged(kept?: number) {
  const ring = new LogRing(kept);
  const printed: string[] = [];
  const destination = { write: (line: string) => void printed.push(line) };
  return { ring, printed, log: createLog({ level: 'debug', destination, also: ring }) };
}

const messages = (list: { entries: { message: string }[] }) => list.entries.map(({ message }) => message);

describe('LogRing', () => {
  it('keeps what the log prints, field by field', () => {
    const { ring, printed, log } = logged();
    log.child({ component: 'camera' }).warn({ camera: 'gate', tries: 3 }, 'no answer');
    assert.equal(printed.length, 1);
    const { entries, last } = ring.read({ limit: 10 });
    assert.equal(last, 1);
    const [entry] = entries;
    assert.ok(entry);
    assert.ok(Math.abs(entry.time - Date.now() / 1000) < 60);
    assert.deepEqual(
      { ...entry, time: 0 },
      {
        seq: 1,
        time: 0,
        level: 'warn',
        component: 'camera',
        message: 'no answer',
        detail: '{"camera":"gate","tries":3}',
      },
    );
  });

  it('gets lines that secrets were taken out of', () => {
    const { ring, log } = logged();
    log.info(
      { url: 'rtsp://admin:hunter2@10.0.0.1/live', password: 'hunter2' },
      'opened rtsp://a:hunter2@b/',
    );
    const text = JSON.stringify(ring.read({ limit: 10 }));
    assert.ok(text.includes('opened'));
    assert.ok(!text.includes('hunter2'), text);
  });

  it('holds the newest lines only, and goes on counting', () => {
    const { ring, log } = logged(3);
    for (const n of [1, 2, 3, 4, 5]) log.info(`line ${n}`);
    assert.deepEqual(messages(ring.read({ limit: 10 })), ['line 3', 'line 4', 'line 5']);
    assert.equal(ring.read({ limit: 10 }).last, 5);
  });

  it('is read on piece by piece with nothing left out', () => {
    const { ring, log } = logged();
    for (let n = 1; n <= 7; n++) log.info(`line ${n}`);
    const seen: string[] = [];
    let after = 2;
    for (;;) {
      const page = ring.read({ after, limit: 2 });
      if (page.entries.length === 0) break;
      seen.push(...messages(page));
      after = page.last;
    }
    assert.deepEqual(seen, ['line 3', 'line 4', 'line 5', 'line 6', 'line 7']);
  });

  it('begins with the newest lines, with and without after=0', () => {
    const { ring, log } = logged();
    for (let n = 1; n <= 5; n++) log.info(`line ${n}`);
    assert.deepEqual(messages(ring.read({ limit: 2 })), ['line 4', 'line 5']);
    assert.deepEqual(ring.read({ after: 0, limit: 2 }), ring.read({ limit: 2 }));
  });

  it('begins anew for a reader who still counts by the daemon before', () => {
    const { ring, log } = logged();
    log.info('first');
    assert.deepEqual(messages(ring.read({ after: 9000, limit: 2 })), ['first']);
  });

  it('picks by level and component, and skips the others when reading on', () => {
    const { ring, log } = logged();
    log.debug('a');
    log.child({ component: 'decode' }).error('b');
    log.warn('c');
    assert.deepEqual(messages(ring.read({ level: 'warn', limit: 9 })), ['b', 'c']);
    assert.deepEqual(messages(ring.read({ component: 'decode', limit: 9 })), ['b']);
    assert.deepEqual(ring.read({ after: 2, component: 'decode', limit: 9 }), { entries: [], last: 3 });
  });

  it('keeps a line that is no JSON as it is, and bounds what is long', () => {
    const ring = new LogRing();
    ring.write('Segmentation fault\n');
    ring.write(JSON.stringify({ level: 'info', msg: 'm'.repeat(1e5), field: 'x'.repeat(1e6) }));
    const [plain, long] = ring.read({ limit: 2 }).entries;
    assert.equal(plain?.message, 'Segmentation fault');
    assert.ok((long?.message.length ?? 0) <= 1000 && (long?.detail?.length ?? 0) <= 6000);
  });
});
