/** How the fuzzing engine is started here. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesOf } from '../../test/image/debianRoot.ts';

/** What its library was linked with. */
const LEAST_GLIBC = [2, 38] as const;
const JAZZER = 'node_modules/@jazzer.js/core/dist/cli.js';

/**
 * Node with the engine. On a system with an older libc, Node runs on that of Debian 13, which is laid beside.
 * @param cache where that is kept @throws Error with what to do
 */
export function engineCommand(cache: string): string[] {
  const jazzer = join(import.meta.dirname, '../..', JAZZER);
  const { glibcVersionRuntime = '0.0' } = (
    process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  ).header;
  const [major = 0, minor = 0] = glibcVersionRuntime.split('.').map(Number);
  const isNew = major > LEAST_GLIBC[0] || (major === LEAST_GLIBC[0] && minor >= LEAST_GLIBC[1]);
  if (isNew) return [process.execPath, jazzer];
  const libc = debianLibc(join(cache, 'libc'));
  const libraries = join(libc, 'usr/lib', `${MACHINES[process.arch]?.triplet}`);
  return [join(libc, 'usr', loader()), '--library-path', libraries, process.execPath, jazzer];
}

const MACHINES: Record<string, { triplet: string; loader: string }> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1' },
};

function loader(): string {
  const machine = MACHINES[process.arch];
  if (!machine) throw new Error(`the fuzzing engine is not made for ${process.arch}`);
  return machine.loader;
}

function debianLibc(folder: string): string {
  if (existsSync(join(folder, 'usr', loader()))) return folder;
  console.log('laying the libc of Debian 13 beside, for the fuzzing engine');
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const mode = process.getuid?.() === 0 ? 'root' : 'unshare';
  // `extract` unpacks and runs nothing.
  const args = ['--quiet', `--mode=${mode}`, '--variant=extract', '--include=libc6,libgcc-s1,libstdc++6'];
  const { status, stderr, error } = spawnSync(
    'mmdebstrap',
    [...args, 'trixie', making, ...sourcesOf('trixie')],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0)
    throw new Error(
      `the fuzzing engine needs glibc ${LEAST_GLIBC.join('.')} (Debian 13), and Debian 13's could not be laid beside. ` +
        `Install the packages mmdebstrap and debian-archive-keyring.\n${error?.message ?? stderr}`,
    );
  renameSync(making, folder);
  return folder;
}
