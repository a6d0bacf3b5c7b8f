import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CommandResult } from '../../../daemon/host/commands.ts';
import { type AskDaemon, askDaemon, doorOf } from '../../../daemon/host/update/daemonApi.ts';
import { judgeBoot, settled } from '../../../daemon/host/update/health.ts';
import { look, missing, NOTHING_SEEN } from '../../../daemon/host/update/judgement.ts';
import { beforeFile, leftFile, placesBelow, stateFile } from '../../../daemon/host/update/places.ts';
import { renewCertificates } from '../../../daemon/host/update/siteCertificates.ts';
import { freshState, StateFile, stateOf } from '../../../daemon/host/update/stateFile.ts';
import type { Tools } from '../../../daemon/host/update/tools.ts';
import {
  type Before,
  beforeOf,
  beforeRestart,
  type WallReport,
} from '../../../daemon/host/update/wallReport.ts';

const BEFORE: Before = { target: '2', cameras: ['door', 'yard'], painting: 2, steady: true };
const WELL: WallReport = { silence: 1, painting: 2, dark: false, live: ['door', 'yard'], idle: [] };

describe('the judgement', () => {
  const judged = (before: Before | undefined, ...reports: (WallReport | undefined)[]) =>
    missing(reports.reduce(look, NOTHING_SEEN), before);

  it('is good when daemon, screen and all tiles are there', () => assert.deepEqual(judged(BEFORE, WELL), []));

  it('names a daemon that does not answer, or stopped', () => {
    assert.deepEqual(judged(BEFORE, undefined), ['the daemon does not answer']);
    assert.deepEqual(judged(BEFORE, WELL, undefined), ['the daemon stopped answering']);
  });

  it('names a screen that is silent', () => {
    for (const silence of [null, 60])
      assert.deepEqual(judged(undefined, { ...WELL, silence }), [
        'the screen’s page does not say that it paints',
      ]);
  });

  it('names cameras that are asked for and do not come', () => {
    assert.deepEqual(judged(BEFORE, { ...WELL, live: ['door'] }), ['no picture of yard']);
    const many = { ...BEFORE, cameras: Array.from({ length: 9 }, (_, index) => `c${index}`) };
    assert.deepEqual(judged(many, { ...WELL, live: [] }), [
      'no picture of c0, c1, c2, c3, c4, c5 and 3 more',
    ]);
  });

  it('asks for cameras once: one that is live for a moment has shown that it can be', () => {
    assert.deepEqual(judged(BEFORE, { ...WELL, live: ['yard'] }, { ...WELL, live: ['door'] }), []);
  });

  it('does not ask for cameras of another layout', () => {
    assert.deepEqual(judged(BEFORE, { ...WELL, live: ['door'], idle: ['yard'] }), []);
  });

  it('asks for as many tiles as before, where there is one layout always', () => {
    assert.deepEqual(judged(BEFORE, { ...WELL, painting: 1 }), ['1 of 2 tiles have a picture']);
    assert.deepEqual(judged({ ...BEFORE, steady: false }, { ...WELL, painting: 1 }), []);
    assert.deepEqual(judged({ ...BEFORE, steady: false }, { ...WELL, painting: 0 }), [
      '0 of 2 tiles have a picture',
    ]);
  });

  it('counts the most tiles at one time: an alarm in full screen hides the others', () => {
    assert.deepEqual(judged(BEFORE, WELL, { ...WELL, painting: 1 }), []);
  });

  it('asks for no tile in the hours in which the screen is off', () => {
    const dark = { silence: 1, painting: 0, dark: true, live: [], idle: ['door', 'yard'] };
    assert.deepEqual(judged(BEFORE, dark), []);
    assert.notDeepEqual(judged(BEFORE, { ...dark, dark: false }), []);
  });

  it('asks of the new version nothing that the old one did not do', () => {
    assert.deepEqual(judged({ ...BEFORE, cameras: [], painting: 0 }, { ...WELL, painting: 0, live: [] }), []);
  });
});

describe('what was shown before the restart', () => {
  const answers: Record<string, unknown> = {
    '/api/system': {
      time: 100,
      screens: [
        { screen: 1, heartbeat: 99, painting: 2, dark: false },
        { screen: 2, heartbeat: 98, painting: 3, dark: false },
        { screen: 3, heartbeat: 9, painting: 4, dark: false },
        { screen: 4, heartbeat: null, painting: 0, dark: true },
      ],
    },
    '/api/streams': {
      streams: [
        { name: 'door_main', camera: 'door', state: 'idle' },
        { name: 'door_sub', camera: 'door', state: 'live' },
        { name: 'warm', camera: 'warm', state: 'live' },
        { name: 'yard', camera: 'yard', state: 'gone' },
      ],
    },
    '/api/streams/door_sub': { viewers: 1 },
    '/api/streams/warm': { viewers: 0 },
    '/api/walls': { walls: [{ wall: { sequence: [] } }, { wall: { sequence: [1] } }] },
  };
  const ask: AskDaemon = async <T>(path: string) => answers[path] as T | undefined;

  it('are the live cameras that somebody looks at, and the tiles with a picture', async () => {
    const before = await beforeRestart(ask, '2');
    assert.deepEqual(before, { target: '2', cameras: ['door'], painting: 5, steady: true });
    assert.deepEqual(beforeOf(JSON.stringify(before)), before);
  });

  it('is not one layout always where several take turns or the screen goes dark', async () => {
    for (const wall of [
      { sequence: [1, 2] },
      { sequence: [], screen_off: [1] },
      { sequence: [], schedule: [1] },
    ]) {
      const asked: AskDaemon = async <T>(path: string) =>
        (path === '/api/walls' ? { walls: [{ wall: { sequence: [] } }, { wall }] } : answers[path]) as T;
      assert.equal((await beforeRestart(asked, '2')).steady, false);
    }
  });

  it('is nothing where the daemon does not answer, or a file is damaged', async () => {
    const nothing = { target: '2', cameras: [], painting: 0, steady: false };
    assert.deepEqual(await beforeRestart(async () => undefined, '2'), nothing);
    for (const text of ['', 'null', '{}', '{"target":2}']) assert.equal(beforeOf(text), undefined);
  });
});

describe('the daemon', () => {
  it('is asked on this machine, with its own token', async () => {
    const root = mkdtempSync(join(tmpdir(), 'walleye-door-'));
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      if (request.url === '/none') response.writeHead(404);
      response.end('{"a":1}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const places = placesBelow(root);
      mkdirSync(join(root, 'etc/walleye'), { recursive: true });
      mkdirSync(places.tokens, { recursive: true });
      writeFileSync(places.settings.daemon, `WALLEYE_PORT=${(server.address() as AddressInfo).port}\n`);
      writeFileSync(join(places.tokens, 'cli'), 'secret-token\n');
      const ask = askDaemon(() => doorOf(places));
      assert.deepEqual(await ask('/api/system'), { a: 1 });
      assert.equal(await ask('/none'), undefined);
      rmSync(join(places.tokens, 'cli'));
      symlinkSync(places.settings.daemon, join(places.tokens, 'cli'));
      await ask('/api/system');
      assert.deepEqual(asked, ['Bearer secret-token', 'Bearer secret-token', undefined]);
    } finally {
      await new Promise((done) => server.close(done).closeAllConnections());
      rmSync(root, { recursive: true });
    }
  });
});

describe('a state file', () => {
  it('of nobody, damaged, or of another version is understood as far as it can be', () => {
    for (const text of ['', '[', 'null', '7', '{"state":"flying","target":3,"rolled_back":{"version":1}}'])
      assert.deepEqual(stateOf(text, '1'), freshState('1'));
    assert.equal(stateOf('{"state":"restarting","more":1}', '2').state, 'restarting');
  });
});

describe('at the start of the machine', () => {
  const state = (change: object) => settled({ ...freshState('1'), ...change }, 50);

  it('an update that was cut off is told, and may be started again', () => {
    for (const phase of ['downloading', 'installing']) {
      const now = state({ state: phase, target: '2', available: '2', progress: 30 });
      assert.deepEqual([now.state, now.available, now.progress], ['failed', '2', null]);
      assert.match(now.message ?? '', /update to 2 was cut off/);
    }
  });

  it('a version that never ran was left because it did not start', () => {
    const now = state({ state: 'restarting', target: '2', available: '2' });
    assert.deepEqual(now.rolled_back, { version: '2', reason: 'It did not start.', at: 50 });
    assert.deepEqual([now.state, now.available, now.target], ['idle', null, null]);
  });

  it('a version that ran and was not judged says that', () => {
    const now = state({ state: 'confirming', target: '2' });
    assert.match(now.rolled_back?.reason ?? '', /^It started, but/);
  });

  it('the reason of a judgement stays', () => {
    const rolled_back = { version: '2', reason: 'no picture of door', at: 40 };
    assert.deepEqual(state({ state: 'restarting', target: '2', rolled_back }).rolled_back, rolled_back);
    assert.deepEqual(state({ state: 'idle', rolled_back }).rolled_back, rolled_back, 'until it was read');
  });

  it('a version that runs was not left', () => {
    const rolled_back = { version: '1', reason: 'x', at: 40 };
    const now = state({ state: 'restarting', target: '1', available: '1', rolled_back });
    assert.deepEqual([now.rolled_back, now.state, now.available], [null, 'idle', null]);
  });

  describe('of a version', () => {
    let root: string;
    let tools: Tools;
    let blessed: string;
    let report: WallReport;
    let commands: string[];
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'walleye-health-'));
      blessed = 'indeterminate';
      report = WELL;
      commands = [];
      const places = placesBelow(root);
      mkdirSync(join(root, 'etc/walleye'), { recursive: true });
      mkdirSync(places.state, { recursive: true });
      writeFileSync(join(root, 'etc/walleye/health.env'), 'WALLEYE_HEALTH_LIMIT=10\n');
      writeFileSync(beforeFile(places), JSON.stringify(BEFORE));
      tools = {
        places,
        run: async (argv): Promise<CommandResult> => {
          commands.push(argv.join(' '));
          return { status: 0, stdout: argv.includes('status') ? `${blessed}\n` : '', stderr: '' };
        },
        follow: async () => ({ status: 0, stdout: '', stderr: '' }),
        ask: async <T>(path: string) =>
          (path === '/api/system'
            ? {
                time: 100,
                screens:
                  report.silence === null
                    ? []
                    : [{ heartbeat: 100 - report.silence, painting: report.painting, dark: false }],
              }
            : { streams: report.live.map((camera) => ({ name: camera, camera, state: 'live' })) }) as T,
        log: () => {},
        now: () => 50,
      };
    });
    afterEach(() => rmSync(root, { recursive: true }));
    const judge = async (version: string, every = 1) => {
      const file = await StateFile.open(stateFile(tools.places), version);
      const good = await judgeBoot(tools, file, { every, calm: 2, second: 20 });
      return {
        good,
        state: JSON.parse(readFileSync(stateFile(tools.places), 'utf8')) as ReturnType<typeof freshState>,
      };
    };

    it('that is counted and shows the wall: it is good', async () => {
      const { good, state } = await judge('2');
      assert.ok(good);
      assert.deepEqual([state.version, state.state, state.target, state.message], ['2', 'idle', null, null]);
    });

    it('that is counted and does not: its reason is kept, the way back is open', async () => {
      report = { ...WELL, live: ['door'] };
      tools.ask = wrong(tools.ask);
      const { good, state } = await judge('2', 50);
      assert.equal(good, false);
      assert.deepEqual(state.rolled_back, {
        version: '2',
        reason: 'After 10 s: no picture of yard.',
        at: 50,
      });
      assert.equal(state.state, 'restarting');
      assert.equal(readFileSync(leftFile(tools.places), 'utf8'), '2\n');
      blessed = 'clean';
      const back = await judge('1');
      assert.ok(back.good);
      assert.deepEqual([back.state.state, back.state.rolled_back?.version], ['idle', '2']);
    });

    /** Two cameras are known, one is gone. */
    function wrong(ask: AskDaemon): AskDaemon {
      return async <T>(path: string) => {
        const answer = await ask<{ streams?: object[] }>(path);
        answer?.streams?.push({ name: 'yard', camera: 'yard', state: 'gone' });
        return answer as T;
      };
    }

    it('that is counted, of which nothing was written before: daemon and screen are enough', async () => {
      writeFileSync(beforeFile(tools.places), JSON.stringify({ ...BEFORE, target: '3' }));
      report = { ...WELL, live: [], painting: 0 };
      assert.ok((await judge('2')).good);
    });

    it('that cannot be judged is not judged', async () => {
      blessed = 'clean';
      report = { ...WELL, silence: null };
      const { good, state } = await judge('2');
      assert.ok(good);
      assert.equal(state.state, 'idle');
    });

    it('without a key says that it takes no updates', async () => {
      blessed = 'clean';
      assert.match((await judge('2')).state.message ?? '', /without a key/);
    });
  });
});

describe('the site’s certificates', () => {
  it('are put beside those of each version once, where there are any', async () => {
    const root = mkdtempSync(join(tmpdir(), 'walleye-ca-'));
    try {
      const commands: string[] = [];
      const places = placesBelow(root);
      let status = 1;
      const tools = {
        places,
        run: async (argv: readonly string[]) => {
          commands.push(argv[0] ?? '');
          return { status, stdout: '', stderr: 'no' };
        },
        log: () => {},
      };
      await renewCertificates(tools, '2');
      mkdirSync(places.certificates.folder, { recursive: true });
      writeFileSync(join(places.certificates.folder, 'walleye-01.crt'), '');
      await renewCertificates(tools, '2');
      status = 0;
      await renewCertificates(tools, '2');
      await renewCertificates(tools, '2');
      await renewCertificates(tools, '1');
      assert.equal(commands.length, 3, 'one that failed is tried again, one that did not is not');
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
