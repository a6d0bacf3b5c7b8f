/** `walleye doctor`, the real one, on this very machine, beside the real daemon with virtual cameras. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Compile } from 'typebox/compile';
import { type DoctorLine, DoctorPage } from '../../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../../e2e/daemon.ts';
import { until } from '../../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../../virtual-camera/index.ts';
import { CLI, execute } from '../cliProcess.ts';

const compiled = Compile(DoctorPage);
const SECRETS = ['gate-secret-1', 'wrong-secret-1'];

describe('walleye doctor', () => {
  let daemon: Daemon;
  let cameras: VirtualCameras;
  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Gate', port: 0, password: 'gate-secret-1', auth: 'digest' },
        { name: 'Yard', port: 0, password: 'yard-secret-1', auth: 'digest' },
      ],
    });
    daemon = await startDaemon();
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
  });
  const doctor = (args: string[] = [], env: NodeJS.ProcessEnv = {}) =>
    execute(process.execPath, [CLI, 'doctor', ...args], '', {
      WALLEYE_STATE_DIR: daemon.stateDir,
      WALLEYE_PORT: String(daemon.port),
      ...env,
    });
  const parsed = (text: string): DoctorPage => {
    const page: unknown = JSON.parse(text);
    assert.ok(compiled.Check(page), 'it is as the schema says');
    return page;
  };
  const lines = (page: DoctorPage) =>
    new Map<string, DoctorLine>(
      page.sections.flatMap((section) => section.lines.map((line) => [line.id, line])),
    );
  const add = (camera: VirtualCamera, password: string) =>
    daemon.api('POST', '/api/streams', {
      name: `${camera.id}_sub`,
      rtsp_url: camera.rtspUrl('sub'),
      username: camera.username,
      password,
    });

  it('tells of cameras that are live and of one that refuses us, in words, and keeps the passwords', async () => {
    const [gate, yard] = cameras.cameras as [VirtualCamera, VirtualCamera];
    await add(gate, 'gate-secret-1');
    await add(yard, 'wrong-secret-1');
    await until('one live, one refused', async () => {
      const { streams } = await daemon.api<{ streams: { name: string; state: string }[] }>(
        'GET',
        '/api/streams',
      );
      const states = streams.map(({ state }) => state).sort();
      return states.join() === 'live,refused';
    });
    const token = readFileSync(join(daemon.stateDir, 'tokens/cli'), 'utf8').trim();

    const { code, out, err } = await doctor(['--json']);
    const page = parsed(out);
    assert.equal(page.daemon, 'open');
    const all = lines(page);
    assert.equal(all.get('cameras.streams')?.text, '2 cameras, 2 streams: 1 live, 1 refused');
    const refused = all.get('cameras.stream.yard_sub');
    assert.equal(refused?.mark, 'wrong');
    assert.match(refused?.advice ?? '', /user and password/);
    assert.match(all.get('gpu.self_test.software')?.text ?? '', /^passed/);
    assert.equal(all.get('walleye.answer')?.mark, 'well');
    assert.ok(all.has('walleye.sandbox') && all.has('disk.space.var') && all.has('network.addresses'));
    assert.equal(code, 1);
    assert.match(err, /"code":"unwell"/);

    const page2 = await doctor();
    assert.equal(page2.code, 1);
    assert.match(page2.out, /^Walleye doctor · /);
    assert.match(page2.out, /^WRONG Stream yard_sub +refused: .*\n +→ Give its right user and password/m);
    assert.match(page2.err, /^walleye: \d+ things? (is|are) wrong \(.*Stream yard_sub/);
    for (const secret of [...SECRETS, token])
      assert.ok(!(out + err + page2.out + page2.err).includes(secret));
  });

  it('without a token tells all the rest, and that it may not ask', async () => {
    const user = { name: 'boss', role: 'admin', password: 'boss-secret-1' };
    const made = await execute(
      process.execPath,
      [CLI, 'user', 'add', user.name, '--role', user.role],
      `${user.password}\n`,
      { WALLEYE_STATE_DIR: daemon.stateDir, WALLEYE_PORT: String(daemon.port) },
    );
    assert.equal(made.code, 0, made.err);
    const { out, code } = await doctor(['--json'], { WALLEYE_STATE_DIR: '/nonexistent' });
    const page = parsed(out);
    assert.equal(page.daemon, 'closed');
    assert.match(lines(page).get('walleye.answer')?.text ?? '', /tells us nothing: No token was found/);
    assert.ok(lines(page).has('disk.space.var'));
    assert.ok(code === 0 || code === 1, `it ended with ${code}`);
  });

  it('without a daemon tells all the rest, and ends with 3', async () => {
    const { code, out, err } = await doctor([], { WALLEYE_PORT: '9' });
    assert.equal(code, 3);
    assert.match(out, /^WRONG Daemon’s answer +Walleye does not answer at http:\/\/127\.0\.0\.1:9\./m);
    assert.match(out, /^── Logs ──$/m);
    assert.match(err, /^walleye: the daemon does not answer/);
  });

  it('where another program listens says so', async () => {
    const { code, out } = await doctor(['--json'], {
      WALLEYE_PORT: new URL(cameras.cameras[0]!.rtspUrl('sub')).port,
    });
    assert.equal(code, 3);
    assert.equal(parsed(out).daemon, 'silent');
  });
});
