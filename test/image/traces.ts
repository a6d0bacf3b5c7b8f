/** What a machine looks like from outside of Walleye, before and after: what differs is a trace. */
import type { Container } from './container.ts';

/** Path → kind, mode, owner, target or content. */
export type Traces = ReadonlyMap<string, string>;

/** What installing and removing packages changes in any case, and is nobody's trace. */
const OF_THE_MACHINE: readonly RegExp[] = [
  /^\/var\/log\//,
  // Caches.
  /^\/var\/cache\/(apt|debconf|ldconfig|fontconfig|man)\//,
  /^\/etc\/ld\.so\.cache$/,
  // The package managers' own books, whose content is compared as the list of packages.
  /^\/var\/lib\/(apt|dpkg)\//,
  /^\/var\/backups\//,
  // What programs that edit them keep of the version before.
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
  // Named after the boot.
  /^\/var\/tmp\/systemd-private-/,
  /^\/var\/lib\/systemd\/(random-seed|timers\/.*|catalog\/database)$/,
];

/**
 * @param but folders that the test itself has put there
 * @returns every file, user, package and unit
 */
export async function tracesOf(box: Container, but: readonly string[]): Promise<Traces> {
  const skip = ['/proc', '/sys', '/dev', '/run', '/tmp', ...but].map((path) => `-path ${path}`).join(' -o ');
  const of = (what: string) => `find / -xdev \\( ${skip} \\) -prune -o ${what}`;
  const limit = { limit: 300_000 };
  const files = await box.sh(of("-printf '%p\\t%y %m %U:%G %l\\n'"), limit);
  const sums = await box.sh(`${of('-type f -print0')} | xargs -0 sha256sum`, limit);
  const packages = await box.sh(`dpkg-query -W -f '\${Package}\\t\${db:Status-Abbrev}\\n'`);
  const units = await box.sh("systemctl list-unit-files --plain --no-legend | awk '{print $1, $2}'");
  const seen = new Map<string, string>();
  for (const line of files.split('\n')) {
    const [path = '', what = ''] = line.split('\t');
    seen.set(path, what);
  }
  for (const line of sums.split('\n'))
    seen.set(line.slice(66), `${seen.get(line.slice(66))} ${line.slice(0, 64)}`);
  for (const line of packages.split('\n'))
    seen.set(`package ${line.split('\t')[0]}`, line.split('\t')[1] ?? '');
  for (const line of units.split('\n')) seen.set(`unit ${line.split(' ')[0]}`, line.split(' ')[1] ?? '');
  for (const path of seen.keys()) if (OF_THE_MACHINE.some((known) => known.test(path))) seen.delete(path);
  return seen;
}

/** What came, went or changed, one sentence each. */
export function differences(before: Traces, after: Traces): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    if (was === undefined) return `${path} came`;
    return is === undefined ? `${path} went` : `${path} was ${was}, is ${is}`;
  });
}
