/** Where JSON is broken. Pure. */

export interface JsonFault {
  /** From 1. */
  line: number;
  column: number;
  /** What had to stand there: "a comma or }". */
  expected: string;
}

type State = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma' | 'end';

const EXPECTED: Record<Exclude<State, 'comma'>, string> = {
  value: 'a value (text in double quotes, a number, true, false, null, { or [)',
  'value or ]': 'a value or ]',
  name: 'a name in double quotes',
  'name or }': 'a name in double quotes or }',
  colon: 'a colon',
  end: 'the end of the file',
};
/** Text in quotes holds no control characters (RFC 8259 §7): from the blank on, but for `"` and `\`. */
const TOKEN =
  /[{}[\]:,]|"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;

/**
 * The first place that no JSON has (RFC 8259); undefined: there is none. JSON.parse's own message will not do: it
 * repeats a piece of the text, which may be a password, and often does not say where.
 */
export function jsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let state: State = 'value';
  let at = 0;
  const after = (): State => (open.length === 0 ? 'end' : 'comma');
  while (true) {
    while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at += 1;
    if (at === text.length && state === 'end') return undefined;
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    const next: State | undefined = token === undefined ? undefined : step(token, state, open, after);
    if (token === undefined || next === undefined)
      return { ...place(text, at), expected: expected(state, open) };
    state = next;
    at += token.length;
  }
}

function step(token: string, state: State, open: ('{' | '[')[], after: () => State): State | undefined {
  const isText = token.startsWith('"');
  if (token === '}' || token === ']') {
    const fits = open.at(-1) === (token === '}' ? '{' : '[');
    if (!fits || !(state === 'comma' || state === (token === '}' ? 'name or }' : 'value or ]')))
      return undefined;
    open.pop();
    return after();
  }
  if (state === 'comma') return token === ',' ? (open.at(-1) === '{' ? 'name' : 'value') : undefined;
  if (state === 'colon') return token === ':' ? 'value' : undefined;
  if (state === 'name' || state === 'name or }') return isText ? 'colon' : undefined;
  if (state === 'end' || token === ',' || token === ':') return undefined;
  if (token !== '{' && token !== '[') return after();
  open.push(token);
  return token === '{' ? 'name or }' : 'value or ]';
}

function expected(state: State, open: readonly ('{' | '[')[]): string {
  return state === 'comma' ? `a comma or ${open.at(-1) === '{' ? '}' : ']'}` : EXPECTED[state];
}

function place(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: at - start + 1 };
}
