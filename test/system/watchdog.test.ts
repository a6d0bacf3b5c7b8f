/** Needs python3 (a Unix datagram socket) and systemd-notify (package systemd). No systemd has to run. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { run } from '../../daemon/system/watchdog.ts';
import { NotifierProcess } from './notifierProcess.ts';
import { missingPrograms, NotifyReceiver } from './notifyReceiver.ts';

describe('the watchdog', { skip: missingPrograms && `needs ${missingPrograms}` }, () => {
  let receiver: NotifyReceiver;
  let daemon: NotifierProcess;
  const fed = () => receiver.lines.filter((line) => line === 'WATCHDOG=1').length;
  const status = (part: string) =>
    receiver.lines.some((line) => line.startsWith('STATUS=') && line.includes(part));
  const fedMore = async (times: number) => {
    const before = fed();
    await receiver.until(`${times} more feeds`, () => fed() >= before + times);
  };

  beforeEach(async () => {
    receiver = await NotifyReceiver.start();
    daemon = new NotifierProcess({ NOTIFY_SOCKET: receiver.path });
    await daemon.tell('ready up');
    await daemon.tell('watch 900000');
    await fedMore(2);
  });
  afterEach(async () => {
    await daemon.end();
    await receiver.stop();
  });

  const failures: [string, string, RegExp][] = [
    ['throws', 'throw', /FAILING supervisors \(camera front stuck\)/],
    ['does not come back', 'hang', /FAILING supervisors \(no answer for [\d.]+ s\)/],
    ['blocks the event loop for longer than its time', 'block', /FAILING supervisors \(took 1\.\d s\)/],
  ];
  for (const [what, mode, expected] of failures) {
    it(`starves while a check ${what}, and says which one failed`, async () => {
      await daemon.tell(`mode ${mode}`);
      await receiver.until('the reason', () => status('FAILING supervisors'));
      assert.match(receiver.lines.find((line) => line.includes('FAILING'))!, expected);
      const before = fed();
      // Several more periods in which it may not be fed: counted in rounds of the check, not in seconds.
      if (mode === 'throw') await until(async () => Number(await daemon.tell('started')) > 5);
      await daemon.tell('block 1200');
      assert.equal(fed(), before);
      assert.match(daemon.stderr, /supervisors failed, systemd is not fed/);
      assert.doesNotMatch(daemon.stderr, /database failed/);
    });
  }

  it('starts a hanging check once, not once a round', async () => {
    await daemon.tell('mode hang');
    await receiver.until('the reason', () => status('FAILING'));
    await receiver.until('a later round', () => status('no answer for') && daemon.stderr.includes('failed'));
    await daemon.tell('block 1200');
    await daemon.tell('block 1');
    assert.equal(await daemon.tell('started'), '1');
  });

  it('feeds again when the check passes again, and clears the status', async () => {
    await daemon.tell('mode throw');
    await receiver.until('the reason', () => status('FAILING'));
    await daemon.tell('mode pass');
    await fedMore(2);
    await receiver.until(
      'the old status',
      ({ lines }) => lines.at(-1) === 'STATUS=up' || lines.includes('STATUS=up'),
    );
    assert.match(daemon.stderr, /every check passes again/);
  });

  it('starves while the event loop is blocked', async () => {
    const before = fed();
    await daemon.tell('block 2500');
    assert.ok(fed() - before <= 2, 'a feed under way may still arrive; turning, it would be fed eight times');
    await fedMore(2);
    assert.match(daemon.stderr, /the event loop was blocked/);
  });
});

describe('the watchdog', () => {
  it('ends with its signal, also in the middle of a check, and does not feed after it', async () => {
    const stop = new AbortController();
    let feeds = 0;
    const ended = run(stop.signal, {
      usec: 300_000,
      checks: [{ name: 'stopping', check: () => stop.abort() }],
      notify: { watchdog: async () => void feeds++, trouble: () => {} },
      log: pino({ level: 'silent' }),
    });
    await ended;
    assert.equal(feeds, 0);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
