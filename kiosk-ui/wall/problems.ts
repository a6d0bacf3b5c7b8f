import { letters } from './face.ts';

/** What is wrong with one camera for long enough to tell the next shift. */
export interface Trouble {
  kind: ProblemKind;
  /** What people call the camera. */
  name: string;
  /** Unix seconds. */
  since: number;
}

const KINDS = ['gone', 'frozen', 'unchanged', 'refused', 'busy', 'unsupported'] as const;
export type ProblemKind = (typeof KINDS)[number];

export function isProblem(kind: string): kind is ProblemKind {
  return (KINDS as readonly string[]).includes(kind);
}

export interface Problem {
  kind: ProblemKind;
  /** Of the only camera; undefined when there are several. */
  name: string | undefined;
  count: number;
  /** When the first of them began, Unix seconds. */
  since: number;
}

/** One entry a kind, the worst first. */
export function problemsOf(troubles: readonly Trouble[]): Problem[] {
  return KINDS.flatMap((kind) => {
    const of = troubles.filter((trouble) => trouble.kind === kind);
    if (of.length === 0) return [];
    const since = Math.min(...of.map((trouble) => trouble.since));
    return [{ kind, name: of.length === 1 ? of[0]!.name : undefined, count: of.length, since }];
  });
}

const SEPARATOR = 3;

/** Texts in as few pages as fit into a line of that many Latin letters; one that is too long has a page to itself. */
export function pagesOf(texts: readonly string[], room: number): string[][] {
  const pages: string[][] = [];
  let left = 0;
  for (const text of texts) {
    const need = letters(text) + SEPARATOR;
    const page = pages.at(-1);
    if (page && need <= left) {
      page.push(text);
      left -= need;
    } else {
      pages.push([text]);
      left = room - need;
    }
  }
  return pages;
}
