/** SHA256SUMS, and which versions it offers. Pure. */
import { newestFirst } from './version.ts';

/** File name → SHA-256 in hexadecimal. */
export type Sums = ReadonlyMap<string, string>;

/**
 * As systemd-sysupdate reads it (`resource_load_from_web()`): no line may be odd, else nothing of it counts.
 *
 * @returns undefined: it is no such list
 */
export function sumsOf(text: string): Sums | undefined {
  if (!text.endsWith('\n')) return undefined;
  const sums = new Map<string, string>();
  for (const line of text.slice(0, -1).split('\n')) {
    const [, sum, name] = /^([0-9a-fA-F]{64}) [ *]([^/\p{Cc}]{1,255})$/u.exec(line) ?? [];
    if (sum === undefined || name === undefined || name === '.' || name === '..') return undefined;
    sums.set(name, sum.toLowerCase());
  }
  return sums;
}

/** One that is there as a whole: a file for each pattern. */
export interface Offer {
  version: string;
  /** In the order of the patterns. */
  files: readonly { name: string; sum: string }[];
}

/** Versions of which the list names a file for every pattern, the newest first. */
export function offersOf(sums: Sums, patterns: readonly RegExp[]): Offer[] {
  const versions = new Map<string, Map<RegExp, { name: string; sum: string }>>();
  for (const [name, sum] of sums) {
    for (const pattern of patterns) {
      const [, version] = pattern.exec(name) ?? [];
      if (version === undefined) continue;
      const files = versions.get(version) ?? new Map();
      versions.set(version, files.set(pattern, { name, sum }));
    }
  }
  return newestFirst([...versions.keys()]).flatMap((version) => {
    const files = patterns.flatMap((pattern) => versions.get(version)?.get(pattern) ?? []);
    return patterns.length > 0 && files.length === patterns.length ? [{ version, files }] : [];
  });
}
