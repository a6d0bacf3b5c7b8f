/** Needs gpg, which signs and checks here as it does on a box. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type CommandResult, runCommand } from '../../../daemon/host/commands.ts';
import { type BringInOptions, bringIn, broughtIn, lookIn } from '../../../daemon/host/update/bringIn.ts';
import { placesBelow } from '../../../daemon/host/update/places.ts';
import { stickUpdate } from '../../../daemon/host/update/stickUpdate.ts';
import type { Tools } from '../../../daemon/host/update/tools.ts';
import { filesOf, Publisher } from './publisher.ts';

const DEFINITIONS = join(import.meta.dirname, '../../../image/mkosi.extra/usr/lib/sysupdate.d');
const CALM: CommandResult = { status: 0, stdout: '', stderr: '' };

describe('an update that somebody hands over', () => {
  let publisher: Publisher;
  let key: Buffer;
  let root: string;
  let options: BringInOptions;
  before(() => {
    publisher = new Publisher();
    key = publisher.key('release');
  });
  after(() => publisher.close());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'walleye-bring-'));
    writeFileSync(join(root, 'keyring.gpg'), key);
    options = {
      from: join(root, 'from'),
      into: join(root, 'into'),
      run: join(root, 'run'),
      keyrings: [join(root, 'none.gpg'), join(root, 'keyring.gpg')],
      definitions: DEFINITIONS,
      version: '1.9',
    };
    publisher.write(options.from, '1.10');
    publisher.write(options.from, '1.8');
    publisher.sign(options.from, 'release');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const problem = async (): Promise<string> => {
    const result = await bringIn(options, runCommand);
    assert.ok('problem' in result, JSON.stringify(result));
    assert.deepEqual(
      readdirSync(options.into).filter((name) => !name.startsWith('SHA256SUMS')),
      [],
      'nothing of it is kept',
    );
    return result.problem;
  };

  it('is copied: its newest version, and nothing else', async () => {
    const result = await bringIn(options, runCommand);
    assert.ok('offer' in result);
    assert.equal(result.offer.version, '1.10');
    const names = filesOf('1.10').map(([name]) => name);
    assert.deepEqual(readdirSync(options.into).sort(), ['SHA256SUMS', 'SHA256SUMS.gpg', ...names].sort());
    for (const [name, bytes] of filesOf('1.10'))
      assert.ok(readFileSync(join(options.into, name)).equals(bytes));
    assert.deepEqual(readdirSync(options.run), [], 'gpg’s folder is gone');
    assert.deepEqual(await broughtIn(options, runCommand), result, 'the copy is as good');
  });

  it('is nothing where no version is newer', async () => {
    options.version = '1.10';
    assert.deepEqual(await bringIn(options, runCommand), { nothing: true });
  });

  it('is nothing where a newer version is not there as a whole', async () => {
    rmSync(join(options.from, 'walleye_1.10.efi'));
    assert.deepEqual(await bringIn(options, runCommand), { nothing: true });
  });

  it('that another key signed is refused', async () => {
    publisher.sign(options.from, 'stranger');
    assert.equal(await problem(), 'SHA256SUMS is not signed with this image’s key.');
  });

  it('whose list was changed is refused', async () => {
    appendFileSync(join(options.from, 'SHA256SUMS'), `${'0'.repeat(64)}  more\n`);
    assert.match(await problem(), /was changed after it was signed/);
  });

  it('without a signature is refused', async () => {
    rmSync(join(options.from, 'SHA256SUMS.gpg'));
    assert.equal(await problem(), 'SHA256SUMS.gpg is not there.');
  });

  it('with something else as its signature is refused', async () => {
    writeFileSync(join(options.from, 'SHA256SUMS.gpg'), 'good');
    assert.match(await problem(), /not signed/);
  });

  it('of which a file was changed is refused', async () => {
    const name = filesOf('1.10')[1]![0];
    const bytes = readFileSync(join(options.from, name));
    bytes[2_000_000]! ^= 1;
    writeFileSync(join(options.from, name), bytes);
    assert.equal(await problem(), `${name} is damaged: its sum is another one.`);
  });

  it('of which a file is a link is nothing: it is not there', async () => {
    rmSync(join(options.from, 'walleye_1.10.efi'));
    symlinkSync('/etc/hostname', join(options.from, 'walleye_1.10.efi'));
    assert.deepEqual(await bringIn(options, runCommand), { nothing: true });
  });

  it('whose list is a link is refused', async () => {
    rmSync(join(options.from, 'SHA256SUMS'));
    symlinkSync('/etc/passwd', join(options.from, 'SHA256SUMS'));
    assert.equal(await problem(), 'SHA256SUMS is a link.');
  });

  it('whose list is endless is refused', async () => {
    truncateSync(join(options.from, 'SHA256SUMS'), 1 << 30);
    assert.match(await problem(), /^SHA256SUMS has 1073741824 bytes: more than/);
  });

  it('that the disk has no room for is not begun', async () => {
    publisher.write(options.from, '2');
    const large = join(options.from, filesOf('2')[2]![0]);
    publisher.sign(options.from, 'release');
    // Sparse, and larger than any disk of a test machine; its sum is never asked for.
    truncateSync(large, 2 ** 43);
    assert.match(await problem(), /^Version 2 needs \d+ MiB more on the disk than there are\.$/);
  });

  it('is refused by an image without a key', async () => {
    options.keyrings = [join(root, 'none.gpg')];
    assert.equal(await problem(), 'This image was built without a key, so it takes no updates.');
  });

  it('is looked at without copying it', async () => {
    const result = await lookIn(options, runCommand);
    assert.ok('offer' in result && result.offer.version === '1.10');
    assert.deepEqual(readdirSync(options.into).sort(), ['SHA256SUMS', 'SHA256SUMS.gpg']);
  });

  describe('on a stick', () => {
    let tools: Tools;
    let lines: string[];
    const stick = () => ({
      device: join(root, 'device'),
      mountAt: join(root, 'mount'),
      report: join(root, 'report.json'),
      version: '1.9',
    });
    const order = () => join(tools.places.orders.root, 'update-start.json');
    const report = () =>
      JSON.parse(readFileSync(stick().report, 'utf8')) as { applied: string[]; problems: string[] };
    beforeEach(() => {
      writeFileSync(join(root, 'device'), '');
      const places = placesBelow(root);
      mkdirSync(join(root, 'usr/lib/systemd'), { recursive: true });
      writeFileSync(join(root, 'usr/lib/systemd/import-pubring.gpg'), key);
      cpSync(DEFINITIONS, places.definitions, { recursive: true });
      lines = [];
      tools = {
        places,
        run: async (argv) => {
          // What the kernel would show there.
          if (argv[0] === 'mount') cpSync(options.from, join(stick().mountAt, 'update'), { recursive: true });
          if (argv[0] === 'umount') rmSync(stick().mountAt, { recursive: true });
          return /^u?mount$/.test(argv[0] ?? '') ? CALM : runCommand(argv);
        },
        follow: async () => CALM,
        ask: async () => undefined,
        log: (line) => lines.push(line),
        now: () => 1,
      };
    });

    it('is ordered by itself, checked and copied, and told', async () => {
      assert.equal(await stickUpdate(tools, stick()), '1.10');
      const { source } = JSON.parse(readFileSync(order(), 'utf8')) as { source: string };
      assert.equal(source, `file://${join(root, 'var/lib/walleye-update/stick')}`);
      assert.ok(readdirSync(source.slice('file://'.length)).includes('walleye_1.10.efi'));
      assert.deepEqual(report().applied, ['Update: version 1.10 is being copied from the stick']);
    });

    it('that is no good is told on the screen, and not ordered', async () => {
      publisher.sign(options.from, 'stranger');
      assert.equal(await stickUpdate(tools, stick()), undefined);
      assert.deepEqual(report().problems, ['update: SHA256SUMS is not signed with this image’s key.']);
      assert.throws(() => readFileSync(order()));
    });

    it('that the box left once does not come again by itself', async () => {
      mkdirSync(tools.places.state, { recursive: true });
      writeFileSync(join(tools.places.state, 'left'), '1.10\n');
      assert.equal(await stickUpdate(tools, stick()), undefined);
      assert.match(lines.join(), /was left once/);
      assert.throws(() => readFileSync(order()));
    });

    it('is no matter where there is none, or nothing newer', async () => {
      assert.equal(await stickUpdate(tools, { ...stick(), version: '2' }), undefined);
      rmSync(options.from, { recursive: true });
      mkdirSync(options.from);
      assert.equal(await stickUpdate(tools, stick()), undefined);
      rmSync(join(root, 'device'));
      assert.equal(await stickUpdate(tools, stick()), undefined);
      assert.throws(() => readFileSync(stick().report));
    });
  });
});
