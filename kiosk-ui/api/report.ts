/** What a stick or the like brought, as both pages show it. Pure. */
import type { ProvisionReport } from '../../daemon/schema.ts';

const SOURCES = {
  stick: 'sourceStick',
  esp: 'sourceEsp',
  credential: 'sourceCredential',
  earlier: 'sourceEarlier',
} as const;
export type SourceText = (typeof SOURCES)[keyof typeof SOURCES];

/** Where it came from, in the words of `say`; what a newer box names stands as it is. */
export function sourcesOf({ source }: ProvisionReport, say: (key: SourceText) => string): string {
  return source
    .split(',')
    .map((name) => name.trim())
    .map((name) => (Object.hasOwn(SOURCES, name) ? say(SOURCES[name as keyof typeof SOURCES]) : name))
    .join(' + ');
}

/** What to do about its problems. */
export function mendOf({ source }: ProvisionReport): 'provisionMend' | 'provisionMendStick' {
  return /\bstick\b/.test(source) ? 'provisionMendStick' : 'provisionMend';
}

/** all: everything asked for is so · nothing: and was before · some: not all of it · none: nothing of it */
export function outcomeOf({ applied, problems }: ProvisionReport): 'all' | 'nothing' | 'some' | 'none' {
  if (problems.length > 0) return applied.length > 0 ? 'some' : 'none';
  return applied.length > 0 ? 'all' : 'nothing';
}

/** The first lines, and how many more there are. The last line of a long report says how many it leaves out itself. */
export function firstOf(lines: readonly string[], most: number): { shown: string[]; more: number } {
  const left = /^… and (\d{1,9}) more$/.exec(lines.at(-1) ?? '')?.[1];
  const all = left === undefined ? lines : lines.slice(0, -1);
  // One more line is as long as the sentence that there is one more.
  const shown = all.slice(0, all.length === most + 1 && left === undefined ? most + 1 : most);
  return { shown, more: all.length - shown.length + Number(left ?? 0) };
}
