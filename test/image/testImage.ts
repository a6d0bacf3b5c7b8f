/**
 * The appliance's image for tests, built once for each state of the sources (`image/build --fast`: a minute or two, and some
 * more the first time, when Debian's packages are fetched). Needs root.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { turn } from './turn.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.state/test/image');
/** What the image is made of. */
const SOURCES = [
  'daemon',
  'kiosk-ui',
  'image',
  'scripts/walleye',
  'scripts/setup',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  ':!*.md',
];

export interface TestImage {
  /** As it is written to a disk. */
  disk: string;
  /** The folder that an update can come from. */
  folder: string;
  version: string;
}

export interface TestImageOptions {
  version?: string;
  /** GPG key that signs it; its ring is `GNUPGHOME`. */
  key?: { id: string; home: string };
  /** A folder whose files are laid over the image's. */
  extra?: string;
}

/** @throws with the end of the build's log */
export function testImage(options: TestImageOptions = {}): Promise<TestImage> {
  return alone(() => built(options));
}

/** The file system of /usr alone, as a file. */
export function testUsr(): Promise<string> {
  return alone(async () => {
    const { folder, version } = await built({});
    const usr = join(folder, `walleye_${version}.usr.erofs`);
    if (!existsSync(usr)) {
      const packed = readdirSync(folder).find((name) => /\.usr-x86-64\.[0-9a-f]+\.raw\.xz$/.test(name));
      const out = openSync(`${usr}.new`, 'w');
      execFileSync('xz', ['-dc', join(folder, packed ?? 'there is no usr')], {
        stdio: ['ignore', out, 'pipe'],
      });
      closeSync(out);
      renameSync(`${usr}.new`, usr);
    }
    return usr;
  });
}

async function built({ version = '0.0.0', key, extra }: TestImageOptions): Promise<TestImage> {
  const folder = join(FOLDER, version);
  const stamp = join(folder, '.stamp');
  const digest = sourcesDigest([version, key?.id ?? '', extra === undefined ? '' : treeDigest(extra)]);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const args = ['--fast', '--version', version, '--output', folder];
    if (key) args.push('--key', key.id);
    if (extra !== undefined) args.push('--extra', extra);
    await build(args, key ? { GNUPGHOME: key.home } : {});
    writeFileSync(stamp, digest);
  }
  return { disk: join(folder, `walleye_${version}.raw`), folder, version };
}

/** One process at a time. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const release = await turn('image');
  try {
    return await work();
  } finally {
    await release();
  }
}

async function build(args: string[], env: Record<string, string>): Promise<void> {
  const child = spawn(join(ROOT, 'image/build'), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-8000);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`image/build ${args.join(' ')} ended with ${code}:\n${log}`);
}

/** Content of every source as it lies here, committed or not. */
function sourcesDigest(more: string[]): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', maxBuffer: 64 << 20 });
  const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...SOURCES).split(
    '\0',
  );
  const hash = createHash('sha256').update(more.join('\0'));
  for (const file of new Set(files)) {
    if (file === '' || !existsSync(join(ROOT, file))) continue;
    hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function treeDigest(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`\0${path.slice(folder.length)}\0`);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

if (import.meta.main) await testUsr();
