/** Where in a JSON text each value stands, so that a fault can be told with its line. Pure. */

export interface JsonPlaces {
  /** JSON pointer (RFC 6901) → line, counted from 1. */
  lines: ReadonlyMap<string, number>;
  /** Fields that stand twice in one object: JSON.parse silently takes the last. */
  repeated: readonly { pointer: string; line: number }[];
}

interface Frame {
  pointer: string;
  /** Of an array; null: an object. */
  index: number | null;
  /** Of an object: null while the next string is a key. */
  key: string | null;
  seen: Set<string>;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|\n|[^\s{}[\],:"]+/g;

/** @param text JSON that JSON.parse has taken; of anything else the answer is some of its places */
export function jsonPlaces(text: string): JsonPlaces {
  const lines = new Map<string, number>();
  const repeated: { pointer: string; line: number }[] = [];
  const stack: Frame[] = [];
  let line = 1;
  const place = (): string => {
    const frame = stack.at(-1);
    const pointer = frame ? step(frame.pointer, frame.index ?? frame.key ?? '') : '';
    lines.set(pointer, line);
    return pointer;
  };
  for (const [token] of text.matchAll(TOKEN)) {
    const frame = stack.at(-1);
    if (token === '\n') line++;
    else if (token === '{' || token === '[')
      stack.push({ pointer: place(), index: token === '[' ? 0 : null, key: null, seen: new Set() });
    else if (token === '}' || token === ']') stack.pop();
    else if (token === ',' && frame) {
      frame.key = null;
      if (frame.index !== null) frame.index++;
    } else if (token === ':' || token === ',') continue;
    else if (frame && frame.index === null && frame.key === null) {
      frame.key = unquoted(token);
      if (frame.seen.has(frame.key)) repeated.push({ pointer: step(frame.pointer, frame.key), line });
      frame.seen.add(frame.key);
    } else place();
  }
  return { lines, repeated };
}

/** The pointer of a part: RFC 6901 §3 writes ~ and / as ~0 and ~1. */
export function step(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function unquoted(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
}
