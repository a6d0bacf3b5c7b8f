/** The package `walleye-camera`: one module, small, complete. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildElement, ROOT } from './elementModule.ts';

const run = promisify(execFile);
const FOLDER = join(ROOT, 'kiosk-ui/player');
const MOST_BYTES = 15 * 1024;

const json = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8'));

describe('the package of the element', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-package-'));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    // What `npm pack` built.
    await rm(join(FOLDER, 'dist'), { recursive: true, force: true });
  });

  it('is one module of 15 KB at most, compressed, that imports nothing before somebody listens', async (t) => {
    await buildElement(folder);
    assert.deepEqual(await readdir(folder), ['walleye-camera-sound.js', 'walleye-camera.js']);
    const module = await readFile(join(folder, 'walleye-camera.js'), 'utf8');
    const { length } = gzipSync(module, { level: 9 });
    t.diagnostic(`${module.length} bytes, ${length} compressed`);
    assert.ok(length <= MOST_BYTES, `${length} bytes`);
    // What plays sound is loaded when somebody listens.
    const imports = [...module.matchAll(/\bimport\b(?!\.meta)\s*(\([^)]*\))?/g)].map(([, what]) => what);
    assert.deepEqual(imports, ['(`./walleye-camera-sound.js`)']);
    assert.match(module, /export\s*\{\s*\w+\$? as WalleyeCamera|export\{\$ as WalleyeCamera/);
  });

  it('has Walleye’s version, and needs nothing', async () => {
    const own = await json('kiosk-ui/player/package.json');
    assert.equal(own.version, (await json('package.json')).version);
    assert.equal(own.license, (await json('package.json')).license);
    for (const field of ['dependencies', 'peerDependencies', 'devDependencies'])
      assert.equal(own[field], undefined, field);
  });

  it('packs what its exports name', async (t) => {
    const npm = await run('npm', ['--version']).catch(() => undefined);
    if (!npm) return t.skip('there is no npm');
    const args = ['pack', '--json', '--pack-destination', folder];
    const { stdout } = await run('npm', args, { cwd: FOLDER, env: { ...process.env, NO_COLOR: '1' } });
    // The build speaks before npm does.
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[')));
    const files = packed.files.map(({ path }: { path: string }) => path).sort();
    assert.deepEqual(files, [
      'README.md',
      'dist/walleye-camera-sound.js',
      'dist/walleye-camera.js',
      'package.json',
      'walleye-camera.d.ts',
    ]);
    const { exports } = await json('kiosk-ui/player/package.json');
    for (const path of Object.values<string>(exports['.'])) assert.ok(files.includes(path.slice(2)), path);
  });
});
