import { descendants } from '../daemon/processes.ts';

/** The browser's first process, of which all others descend. @throws Error unless there is just one browser of ours */
export function browserPid(): number {
  const own = descendants(process.pid).filter(
    ({ parent, name }) => parent === process.pid && name.startsWith('chrom'),
  );
  if (own.length !== 1) throw new Error(`${own.length} browsers are running under the bench`);
  return own[0]!.pid;
}
