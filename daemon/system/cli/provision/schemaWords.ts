/** What a schema finds wrong, as sentences for people. The value itself is never told: it may be a password. Pure. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings as TypeboxSettings } from 'typebox/system';
import { NAME_PATTERN } from '../../../schema.ts';

/** The part of JSON schema that ours is written in. */
interface Node {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  properties?: Record<string, Node>;
  pattern?: string;
  description?: string;
  examples?: unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
}

export interface SchemaFault {
  /** JSON pointer. */
  pointer: string;
  /** Without its subject: “must be true or false”. */
  message: string;
}

interface SchemaError {
  keyword: string;
  schemaPath: string;
  instancePath: string;
  params: object;
}

/** More than anybody mends in one go. */
const MOST_FAULTS = 500;

/** Finds everything that is wrong with a value, not only what is wrong first. */
export function faultFinder(schema: TSchema): (value: unknown) => SchemaFault[] {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return [];
    const errors = allErrors(() => compiled.Errors(value) as SchemaError[]);
    const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
    const told = errors.filter((error) => {
      if (error.keyword === 'boolean') return false; // tells of an unknown field what additionalProperties tells
      return !unions.some(
        (union) =>
          error !== union &&
          error.instancePath === union.instancePath &&
          error.schemaPath.startsWith(`${union.schemaPath}/anyOf/`),
      );
    });
    return told.map((error) => ({
      pointer: error.instancePath,
      message: words(error, nodeAt(schema as Node, error.schemaPath)),
    }));
  };
}

/** The library stops at eight unless it is told otherwise, for everybody at once. */
function allErrors<T>(work: () => T): T {
  const { maxErrors } = TypeboxSettings.Get();
  TypeboxSettings.Set({ maxErrors: MOST_FAULTS });
  try {
    return work();
  } finally {
    TypeboxSettings.Set({ maxErrors });
  }
}

function nodeAt(root: Node, schemaPath: string): Node {
  let node: unknown = root;
  for (const part of schemaPath.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    node = (node as Record<string, unknown> | undefined)?.[key];
  }
  return (node ?? {}) as Node;
}

function words({ keyword, params }: SchemaError, node: Node): string {
  if (keyword === 'required') {
    const { requiredProperties } = params as { requiredProperties: string[] };
    return `lacks ${requiredProperties.map((key) => `"${key}"`).join(', ')}`;
  }
  if (keyword === 'additionalProperties') {
    const { additionalProperties } = params as { additionalProperties: string[] };
    const unknown = additionalProperties.map((key) => JSON.stringify(key.slice(0, 80))).join(', ');
    const known = Object.keys(node.properties ?? {}).join(', ');
    return `has the unknown field ${unknown}; known are ${known}`;
  }
  return `must be ${expected(node)}`;
}

/** A schema in words: “a whole number from 1 to 4094”. */
function expected(node: Node): string {
  const json = (value: unknown) => JSON.stringify(value);
  if (node.anyOf?.every((branch) => branch.const !== undefined))
    return `one of ${node.anyOf.map((branch) => json(branch.const)).join(', ')}`;
  if (node.anyOf) return [...new Set(node.anyOf.map(expected))].join(' or ');
  if (node.enum) return `one of ${node.enum.map(json).join(', ')}`;
  if (node.const !== undefined) return json(node.const);
  const example = node.examples?.[0] === undefined ? '' : `, such as ${json(node.examples[0])}`;
  switch (node.type) {
    case 'string':
      if (node.pattern === NAME_PATTERN) return '1 to 64 of A–Z a–z 0–9 _ -';
      if (node.pattern !== undefined && example !== '') {
        const { description } = node;
        return `${description === undefined ? 'text' : description.charAt(0).toLowerCase() + description.slice(1)}${example}`;
      }
      if (node.pattern !== undefined) return `text of the form ${node.pattern}`;
      return `text${range(node.minLength, node.maxLength, ' of ', ' characters')}${example}`;
    case 'integer':
      return `a whole number${range(node.minimum, node.maximum, ' ', '')}`;
    case 'number': {
      const above = node.exclusiveMinimum;
      if (above !== undefined) return `a number above ${above}, at most ${node.maximum}`;
      return `a number${range(node.minimum, node.maximum, ' ', '')}`;
    }
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return `a list${range(node.minItems, node.maxItems, ' of ', ' items')}`;
    default:
      return 'an object';
  }
}

function range(low: number | undefined, high: number | undefined, before: string, after: string): string {
  if (low !== undefined && high !== undefined)
    return `${before}${after === '' ? 'from ' : ''}${low} to ${high}${after}`;
  if (low !== undefined) return `${before}at least ${low}${after}`;
  return high === undefined ? '' : `${before}at most ${high}${after}`;
}
