import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expected, NAME_PATTERN, type SchemaNode } from '../schema.ts';

export type Validation<T = unknown> =
  | { ok: true; value: T }
  | { ok: false; code: string; field: string; message: string };

/** What a value is a part of; opens the sentence. */
export type Part = 'body' | 'querystring' | 'params' | 'headers';

const PARTS: Record<Part, { name: string; code: string }> = {
  body: { name: 'The body', code: 'invalid_body' },
  querystring: { name: 'The query', code: 'invalid_query' },
  params: { name: 'The path', code: 'invalid_name' },
  headers: { name: 'The headers', code: 'invalid_headers' },
};

/**
 * Compiles a schema into a check whose failures are one sentence for people: the field, what is expected there and
 * what was given. `at` is where in the whole the value stands. Query and path hold text only: numbers and booleans are read from it, strictly.
 */
export function validator(schema: TSchema, part: Part): (value: unknown, at?: string) => Validation {
  const compiled = Compile(schema);
  const root = schema as SchemaNode;
  return (given, at = '') => {
    // Fastify gives null for no body.
    const value = part === 'body' ? (given ?? undefined) : fromText(root, given);
    if (compiled.Check(value)) return { ok: true, value };
    const first = compiled.Errors(value).find((error) => error.keyword !== 'boolean');
    return explain(root, value, part, at, first ?? { keyword: 'type', instancePath: '', params: {} });
  };
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  params: object;
}

function explain(
  root: SchemaNode,
  value: unknown,
  part: Part,
  at: string,
  error: SchemaError,
): Validation & { ok: false } {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { name, code } = PARTS[part];
  const { node, given } = locate(root, value, path);
  const field = path.reduce(
    (text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    at,
  );
  const subject = field === '' ? name : `"${field}"`;

  if (error.keyword === 'required') {
    const missing = (error.params as { requiredProperties: string[] }).requiredProperties;
    const list = missing.map((key) => `"${key}" (${expectedOf(node?.properties?.[key])})`).join(' and ');
    return { ok: false, code, field, message: `${subject} lacks ${list}.` };
  }
  if (error.keyword === 'additionalProperties') {
    const unknown = (error.params as { additionalProperties: string[] }).additionalProperties[0] ?? '';
    const known = Object.keys(node?.properties ?? {}).join(', ');
    const message = `${subject} has the unknown field ${shown(unknown, '')}; known are ${known}.`;
    return { ok: false, code, field: unknown, message };
  }
  return {
    ok: false,
    code: node?.pattern === NAME_PATTERN ? 'invalid_name' : code,
    field,
    message: `${subject} must be ${expectedOf(node)}, but ${shown(given, path.at(-1) ?? '')} was given.`,
  };
}

const expectedOf = (node: SchemaNode | undefined) => (node ? expected(node) : 'something else');

function locate(
  root: SchemaNode,
  value: unknown,
  path: string[],
): { node: SchemaNode | undefined; given: unknown } {
  let node: SchemaNode | undefined = root;
  let given = value;
  for (const step of path) {
    const branches: (SchemaNode | undefined)[] = [node, ...(node?.anyOf ?? [])];
    const branch = branches.find((one) => one?.properties?.[step] !== undefined || one?.items !== undefined);
    node = branch?.properties?.[step] ?? branch?.items;
    given = (given as Record<string, unknown> | undefined)?.[step];
  }
  return { node, given };
}

const SECRETS: ReadonlySet<string> = new Set(['password', 'current', 'code', 'grant', 'token', 'ticket']);

/** What was given, cut short. Passwords never come out, not even in the sentence that refuses them. */
function shown(value: unknown, field: string): string {
  if (value === undefined) return 'nothing';
  if (SECRETS.has(field)) return 'something else';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  if (typeof value !== 'string') return JSON.stringify(value);
  const text = value.replace(/\/\/.*@/s, '//…@');
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function fromText(root: SchemaNode, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, text]) => [key, read(root.properties?.[key]?.type, text)]),
  );
}

function read(type: string | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'number' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(true|1)$/.test(text)) return true;
  if (type === 'boolean' && /^(false|0)$/.test(text)) return false;
  return text;
}
