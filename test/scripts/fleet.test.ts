/** scripts/provision and the others, as processes, against a real sshd and the real daemon behind it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Row } from '../../scripts/fleet/fleet.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { freePort } from '../network/freePort.ts';
import { type Ended, execute } from '../system/cliProcess.ts';
import { keygen, type SshBox, startSshBox } from './sshBox.ts';

const root = join(import.meta.dirname, '../..');
const PASSPHRASE = 'secret-correct horse';
const tile = (cameras: string[]) => ({ x: 0, y: 0, width: 1, height: 1, cameras });
const SITE = {
  walleye_site: 1,
  settings: { name: `\${called}` },
  users: [{ name: 'boss', role: 'admin', password: 'secret-of-boss' }],
  cameras: [
    {
      ...{ id: 'gate', name: 'Gate', username: 'admin', password: 'secret-of-gate' },
      streams: [{ profile: 'main', rtsp_url: 'rtsp://127.0.0.1:9/main' }],
    },
  ],
  layouts: { all: { tiles: [tile(['gate', 'yard'])] } },
  wall: { sequence: [{ layout: 'all', dwell_seconds: 20 }] },
};

describe('the fleet’s scripts', () => {
  let folder: string;
  let daemon: Daemon;
  let box: SshBox;
  let second: SshBox;
  let spare: Daemon;
  let dead: string;
  const file = (name: string) => join(folder, name);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-fleet-'));
    const port = await freePort();
    // A daemon that restarts in its place keeps its port.
    daemon = await startDaemon({ port, stateDir: file('state') });
    const env = { WALLEYE_STATE_DIR: daemon.stateDir, WALLEYE_PORT: String(port) };
    const programs = { journalctl: 'echo "$@"; printf "started \\033[31m\\n"' };
    box = await startSshBox({ env, programs });
    spare = await startDaemon({ port: await freePort(), stateDir: file('spare') });
    const theirs = { WALLEYE_STATE_DIR: spare.stateDir, WALLEYE_PORT: String(spare.port) };
    second = await startSshBox({ env: theirs, identity: box.identity });
    dead = `127.0.0.1:${await freePort()}`;
    writeFileSync(file('site.json'), JSON.stringify(SITE));
    writeFileSync(
      file('cams.csv'),
      'id;name;username;password;main_url\nyard;Yard;op;secret-of-yard;rtsp://127.0.0.1:9/y\n',
    );
    writeFileSync(
      file('boxes.csv'),
      `host,called\n${box.label},Lobby\n${second.label},Lobby\n${dead},Lobby\n`,
    );
    writeFileSync(file('pins'), box.pin + second.pin);
  });
  after(async () => {
    await box.close();
    await second.close();
    await Promise.all([daemon.stop(), spare.stop()]);
    rmSync(folder, { recursive: true });
  });

  /** Nothing that is secret may be in what is printed, nor in the arguments of any process meanwhile. */
  async function script(name: string, args: string[], pins = 'pins', env = {}): Promise<Ended> {
    const common = ['--known-hosts', file(pins), '--identity', box.identity];
    const watch = watchArguments();
    const home = { HOME: folder, WALLEYE_PASSPHRASE: PASSPHRASE, ...env };
    const ended = await execute(join(root, 'scripts', name), [...args, ...common], '', home);
    const looks = watch.end();
    assert.ok(looks > 3, `looked ${looks} times at the processes`);
    assert.doesNotMatch(ended.out + ended.err, /secret-/);
    return ended;
  }
  const provision = (hosts: string[], ...more: string[]) =>
    script('provision', [
      ...hosts,
      ...[
        '--config',
        file('site.json'),
        '--cameras',
        file('cams.csv'),
        '--vars',
        file('boxes.csv'),
        '--json',
      ],
      ...more,
    ]);
  const rowsOf = ({ out }: Ended) => (JSON.parse(out) as { changed: boolean; hosts: Row[] }).hosts;
  const results = (ended: Ended) => rowsOf(ended).map(({ result }) => result);

  it('provision says with --dry-run what would change, then changes cameras and layout, and the second time nothing', async () => {
    const dry = await provision([box.host], '--dry-run');
    assert.equal(dry.code, 0, dry.err);
    assert.match(rowsOf(dry)[0]!.what, /^6 changes to make/);
    assert.deepEqual((await daemon.api<{ total: number }>('GET', '/api/cameras')).total, 0);

    const first = await provision([box.host]);
    assert.equal(first.code, 0, first.err + first.out);
    assert.deepEqual(results(first), ['changed']);
    const token = readFileSync(join(daemon.stateDir, 'tokens/cli'), 'utf8').trim();
    const ask = async (path: string) =>
      (await fetch(daemon.url + path, { headers: { authorization: `Bearer ${token}` } })).json();
    const { cameras } = (await ask('/api/cameras')) as { cameras: { id: string; has_password: boolean }[] };
    assert.deepEqual(cameras.map(({ id, has_password }) => `${id} ${has_password}`).sort(), [
      ...['gate true', 'yard true'],
    ]);
    assert.deepEqual(((await ask('/api/layouts/all')) as { tiles: unknown }).tiles, SITE.layouts.all.tiles);
    assert.equal(((await ask('/api/settings')) as { name: string }).name, 'Lobby');

    const again = await provision([box.host]);
    assert.equal(again.code, 0, again.err);
    assert.equal(JSON.parse(again.out).changed, false);
    assert.match(rowsOf(again)[0]!.what, /^nothing to change/);
  });

  it('one dead box among three does not stop the others; when none is reached, the status says so', async () => {
    const ended = await provision([box.host, dead, second.host]);
    assert.equal(ended.code, 1, ended.err);
    assert.deepEqual(results(ended), ['unchanged', 'unreachable', 'changed']);
    assert.match(ended.err, /UNREACHABLE: .*refused/);
    // Nobody pinned it, and so nobody would be believed there.
    assert.equal((await provision([dead])).code, 3);
  });

  it('a box whose key is not the pinned one, or not pinned at all, is refused and told nothing', async () => {
    writeFileSync(file('swapped'), box.pin.replace(/ssh-.*/, second.pin.replace(/^\S+ /, '')));
    const site = ['--config', file('site.json'), '--cameras', file('cams.csv'), '--json'];
    const changed = await script('provision', [box.host, ...site], 'swapped');
    assert.equal(changed.code, 4);
    assert.match(rowsOf(changed)[0]!.what, /NOT the pinned one/);
    const unknown = await script('provision', [box.host, ...site], 'none');
    assert.equal(unknown.code, 4);
    assert.match(rowsOf(unknown)[0]!.what, /not pinned yet/);
  });

  it('a first contact pins the key with the fingerprint that was given, no other; --pin never replaces one', async () => {
    const look = ['--layout', 'x', '--file', file('layout.json'), '--json'];
    writeFileSync(file('layout.json'), JSON.stringify({ tiles: [] }));
    const wrong = await script(
      'push-layout',
      [box.host, ...look, '--fingerprint', second.fingerprint],
      'fresh',
    );
    assert.equal(wrong.code, 4);
    assert.match(rowsOf(wrong)[0]!.what, /offers no key with the given fingerprint/);
    const dry = await script('push-layout', [box.host, ...look, '--pin', '--dry-run'], 'fresh');
    assert.equal(dry.code, 0, dry.err);
    assert.ok(!readdirSync(folder).includes('fresh'), 'a dry run pins nothing');
    const right = await script('push-layout', [box.host, ...look, '--fingerprint', box.fingerprint], 'fresh');
    assert.equal(right.code, 0, right.err);
    assert.equal(readFileSync(file('fresh'), 'utf8'), box.pin.trimEnd().concat('\n'));
    assert.equal(statSync(file('fresh')).mode & 0o777, 0o600);
    assert.equal((await script('push-layout', [box.host, ...look], 'fresh')).code, 0);
    assert.equal((await script('push-layout', [box.host, ...look, '--pin'], 'swapped')).code, 4);
  });

  it('a key of ours that the box does not take is a failure and never a question', async () => {
    keygen(file('stranger'));
    const { code, err } = await execute(
      join(root, 'scripts/backup'),
      [box.host, '--output', folder, '--known-hosts', file('pins'), '--identity', file('stranger')],
      '',
      { HOME: folder, WALLEYE_PASSPHRASE: PASSPHRASE },
    );
    assert.equal(code, 1);
    assert.match(err, /does not take our key/);
  });

  it('all faults of the files are told before any box is called', async () => {
    writeFileSync(file('wrong.json'), JSON.stringify({ ...SITE, wall: 1, layouts: { all: 2 } }));
    const vars = ['--vars', file('boxes.csv')];
    const ended = await script('provision', [box.host, 'elsewhere', '--config', file('wrong.json'), ...vars]);
    assert.equal(ended.code, 2);
    assert.match(ended.err, /\/wall: must be a JSON object/);
    assert.match(ended.err, /\/layouts\/all: must be a JSON object/);
    assert.match(ended.err, /elsewhere: has no line in the table of --vars/);
    assert.doesNotMatch(ended.err, /connects/);
    assert.equal((await script('provision', ['-oProxyCommand=x', '--config', file('site.json')])).code, 2);
    assert.equal((await script('provision', ['--config', file('site.json')])).code, 2);
    const common = ['--known-hosts', file('pins'), '--identity', box.identity];
    const piped = await execute(
      join(root, 'scripts/provision'),
      [box.host, '--config', '-', ...common],
      '{',
      {
        HOME: folder,
      },
    );
    assert.equal(piped.code, 2);
    assert.match(piped.err, /standard input, line 1: is not JSON/);
  });

  it('push-layout --show puts a layout on the wall and keeps the wall’s hours; again: nothing to change', async () => {
    writeFileSync(file('layout.json'), JSON.stringify({ name: 'old', tiles: [tile(['yard'])] }));
    const push = () =>
      script('push-layout', [
        box.host,
        '--layout',
        'yard',
        '--file',
        file('layout.json'),
        '--show',
        '--json',
      ]);
    const first = await push();
    assert.equal(first.code, 0, first.err);
    assert.match(rowsOf(first)[0]!.what, /layout yard: added; wall: changed/);
    assert.deepEqual(results(await push()), ['unchanged']);
  });

  it('backup fetches a file that opens; restore puts it back, and leaves a box alone that holds the same', async () => {
    mkdirSync(file('backups'));
    const made = await script('backup', [box.host, '--output', file('backups'), '--json']);
    assert.equal(made.code, 0, made.err);
    const [name = ''] = readdirSync(file('backups'));
    assert.match(name, /^127\.0\.0\.1_\d+-\d{4}-\d\d-\d\dT\d{6}Z\.walleye$/);
    const saved = join(file('backups'), name);
    assert.equal(statSync(saved).mode & 0o777, 0o600);
    assert.deepEqual(results(await script('restore', [box.host, saved, '--json'])), ['unchanged']);

    const push = ['--layout', 'later', '--file', file('layout.json')];
    assert.equal((await script('push-layout', [box.host, ...push])).code, 0);
    const dry = await script('restore', [box.host, saved, '--json', '--dry-run']);
    assert.match(rowsOf(dry)[0]!.what, /^would put back 2 cameras/);
    const back = await script('restore', [box.host, saved, '--json']);
    assert.equal(back.code, 0, back.err + back.out);
    assert.deepEqual(results(back), ['changed']);
    assert.deepEqual(results(await script('restore', [box.host, saved, '--json'])), ['unchanged']);

    const wrong = await script('restore', [box.host, saved], 'pins', { WALLEYE_PASSPHRASE: 'another one' });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /the passphrase does not open it/);
  });

  it('replace gives a spare the dead box’s backup, name and pin, and refuses while that still answers', async () => {
    const [name = ''] = readdirSync(file('backups'));
    const saved = ['--backup', join(file('backups'), name), '--json'];
    const alive = await script('replace', [second.host, box.host, ...saved]);
    assert.equal(alive.code, 1);
    assert.match(rowsOf(alive)[0]!.what, /still answers/);
    const old = `127.0.0.9:${dead.split(':')[1]}`;
    const site = ['--config', file('site.json'), '--cameras', file('cams.csv'), '--vars', file('old.csv')];
    writeFileSync(file('old.csv'), `host,called\n${old},Hall\n`);
    const replace = (...more: string[]) =>
      script('replace', [`root@${old}`, second.host, ...saved, ...site, ...more]);
    const dry = await replace('--dry-run');
    assert.match(rowsOf(dry)[0]!.what, /would put back 2 cameras, 3 layouts, 1 user;/, dry.err);
    const first = await replace();
    assert.equal(first.code, 0, first.err + first.out);
    assert.match(rowsOf(first)[0]!.what, /put back 2 cameras.*settings: changed \(name\)/);
    const { pin } = second;
    const moved = pin.replace(/^\S+/, `[127.0.0.9]:${old.split(':')[1]}`);
    assert.ok(readFileSync(file('pins'), 'utf8').includes(moved), 'the name is the spare’s now');
    assert.deepEqual(results(await replace()), ['unchanged'], 'though its name is not that of the backup');
  });

  it('logs shows each line behind the name of its box, without what a terminal would obey', async () => {
    const { code, out, err } = await script('logs', [box.host, '--since', '1 hour ago']);
    assert.equal(code, 0, err);
    const [asked, said] = out.split('\n');
    assert.equal(asked, `${box.label} | --no-pager -o short-iso -u walleye* --since=1 hour ago`);
    assert.equal(said, `${box.label} | started �[31m`);
  });
});

describe('update', () => {
  const update = async (later: string, ...args: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-update-'));
    const state = join(folder, 'asked');
    const answer = (available: string, version = '1') =>
      `echo '{"supported":true,"version":"${version}","available":${available},"state":"idle","progress":null,"message":null}'`;
    const box = await startSshBox({
      programs: {
        walleye: `echo "$@" >>${state}
case "$*" in
*--check*) ${args.includes('new') ? answer('"2"', '1') : answer('null')} ;;
*--start*) ${answer('"2"')} ;;
update*) ${answer('"2"')} ;;
status*) echo '{"system":{"version":"${later}","uptime":0}}' ;;
esac`,
      },
    });
    try {
      writeFileSync(join(folder, 'pins'), box.pin);
      const ended = await execute(
        join(root, 'scripts/update'),
        [
          ...[box.host, '--known-hosts', join(folder, 'pins'), '--identity', box.identity, '--json'],
          ...args.filter((arg) => arg.startsWith('--')),
        ],
        '',
        { HOME: folder },
      );
      return { ...ended, asked: readFileSync(state, 'utf8').trim().split('\n') };
    } finally {
      await box.close();
      rmSync(folder, { recursive: true });
    }
  };

  it('waits until the new version answers', async () => {
    const { code, out, err, asked } = await update('2', 'new');
    assert.equal(code, 0, err);
    assert.match(out, /"1 → 2"/);
    assert.deepEqual(asked.slice(0, 3), ['update --check --json', 'update --start --json', 'status --json']);
  });

  it('tells of a box that went back to the old version', async () => {
    const { code, out } = await update('1', 'new');
    assert.equal(code, 1);
    assert.match(out, /it went back to 1/);
  });

  it('has nothing to change where there is nothing newer, and with --check only looks', async () => {
    const none = await update('1');
    assert.equal(none.code, 0);
    assert.match(none.out, /nothing to change/);
    const look = await update('1', 'new', '--check');
    assert.match(look.out, /2 is there for it/);
    assert.deepEqual(look.asked, ['update --check --json']);
  });
});

/** Looks at the arguments of all processes again and again. */
function watchArguments(): { end(): number } {
  let looks = 0;
  const found: string[] = [];
  const look = () => {
    looks++;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        if (args.includes('secret-')) found.push(args.replaceAll('\0', ' '));
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  const timer = setInterval(look, 30);
  return {
    end() {
      clearInterval(timer);
      look();
      assert.deepEqual(found, [], `as ${userInfo().username}`);
      return looks;
    },
  };
}
