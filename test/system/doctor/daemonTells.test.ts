/** What the daemon tells, on the page of a box that is well otherwise. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DoctorMark } from '../../../daemon/schema.ts';
import type { DaemonView } from '../../../daemon/system/doctor/daemonView.ts';
import { BAY_TRAIL, DAEMON, NOW, SYSTEM, screen, stream } from './bayTrail.ts';
import { lineOf, pageOf, troubles } from './page.ts';

describe('what the daemon tells:', () => {
  const views: [what: string, view: DaemonView, marks: Record<string, DoctorMark>][] = [
    [
      'cameras in trouble, each with its error and what to do',
      {
        ...DAEMON,
        streams: [
          ...DAEMON.streams.slice(0, 6),
          stream('cam6_sub', { state: 'gone' }),
          stream('cam7_sub', { state: 'refused' }),
          stream('cam8_sub', { state: 'stalled' }),
          stream('off_sub', { state: 'gone', enabled: false }),
        ],
        troubled: [
          stream('cam6_sub', {
            state: 'gone',
            last_error: { code: 'unreachable', message: 'no answer', time: NOW },
          }),
          stream('cam7_sub', { state: 'refused' }),
          stream('cam8_sub', { state: 'stalled' }),
        ],
      },
      {
        'cameras.stream.cam6_sub': 'wrong',
        'cameras.stream.cam7_sub': 'wrong',
        'cameras.stream.cam8_sub': 'look',
      },
    ],
    [
      'a screen that stands still',
      { ...DAEMON, system: { ...SYSTEM, screens: [screen(1, 3), screen(2, 600)] } },
      { 'walleye.heartbeat.2': 'wrong' },
    ],
    [
      'nothing of a screen that is dark by its hours',
      { ...DAEMON, system: { ...SYSTEM, screens: [screen(1, 600, { dark: true })] } },
      {},
    ],
    [
      'a screen that never spoke',
      { ...DAEMON, system: { ...SYSTEM, screen: null, screens: [] } },
      { 'walleye.heartbeat': 'wrong' },
    ],
    [
      'a database that was damaged',
      { ...DAEMON, system: { ...SYSTEM, recovered: 'walleye.sqlite.damaged' } },
      { 'walleye.database': 'wrong' },
    ],
    [
      'a degraded state',
      { ...DAEMON, health: { status: 'degraded', message: 'The disk is full.', version: '0.1.0' } },
      { 'walleye.answer': 'wrong' },
    ],
    [
      'a sandbox that shuts nothing in',
      {
        ...DAEMON,
        system: {
          ...SYSTEM,
          sandbox: { kind: 'plain', network: false, files: false, warning: 'install bubblewrap' },
        },
      },
      { 'walleye.sandbox': 'look' },
    ],
    [
      'a GPU that is not used',
      {
        ...DAEMON,
        system: {
          ...SYSTEM,
          decode: { ...SYSTEM.decode, chosen: 'software', reason: 'no hardware decoder works here' },
        },
      },
      { 'gpu.decoder': 'look' },
    ],
    [
      'no decoder at all',
      {
        ...DAEMON,
        system: {
          ...SYSTEM,
          decode: {
            chosen: 'software',
            reason: 'not even software',
            candidates: [],
            fallbacks: 0,
            stepped_down: null,
          },
        },
      },
      { 'gpu.decoder': 'wrong' },
    ],
    [
      'a camera whose clock is wrong',
      {
        ...DAEMON,
        advice: [
          {
            camera: 'cam3',
            state: 'done',
            time: NOW,
            message: null,
            streams: [],
            clock_skew: null,
            sessions: null,
            findings: [
              {
                code: 'clock_wrong',
                stream: null,
                severity: 'warning',
                seen: '+3600 s',
                wanted: null,
                message: '',
                fixable: true,
              },
            ],
          },
        ],
      },
      { 'time.camera.cam3': 'look' },
    ],
    [
      'an older version that still runs',
      { ...DAEMON, system: { ...SYSTEM, version: '0.0.9' } },
      { 'walleye.version': 'look' },
    ],
    [
      'nothing: it is not there',
      { state: 'silent', why: 'Walleye does not answer at http://127.0.0.1:80.' },
      { 'walleye.answer': 'wrong', 'gpu.decoder': 'unknown' },
    ],
    [
      'nothing to us: we have no token',
      { state: 'closed', why: 'No token was found.' },
      { 'walleye.answer': 'unknown', 'gpu.decoder': 'unknown' },
    ],
  ];
  for (const [what, view, marks] of views)
    it(what, async () => {
      const page = await pageOf(BAY_TRAIL, view);
      assert.deepEqual(troubles(page), marks);
    });

  it('hundreds of cameras without a picture are counted, not listed', async () => {
    const streams = Array.from({ length: 300 }, (_none, index) => stream(`c${index}_sub`, { state: 'gone' }));
    const page = await pageOf(BAY_TRAIL, { ...DAEMON, streams, troubled: streams.slice(0, 24) });
    assert.equal(lineOf(page, 'cameras.more').text, '280 more without a picture');
  });
});
