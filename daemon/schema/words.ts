/** A schema in words for people: what a value must be. Pure. */
import { NAME_PATTERN } from './basics.ts';

/** The part of JSON schema that ours is written in. */
export interface SchemaNode {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
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
  minProperties?: number;
}

/** What follows “must be”: “an integer from 16 to 7680”, “one of "auto", "tcp", "udp"”. */
export function expected(node: SchemaNode): string {
  const json = (value: unknown) => JSON.stringify(value);
  if (node.anyOf?.every((branch) => branch.const !== undefined))
    return `one of ${node.anyOf.map((branch) => json(branch.const)).join(', ')}`;
  if (node.anyOf) return [...new Set(node.anyOf.map(expected))].join(' or ');
  if (node.enum) return `one of ${node.enum.map(json).join(', ')}`;
  if (node.const !== undefined) return json(node.const);
  switch (node.type) {
    case 'string':
      return text(node);
    case 'integer':
      return `an integer${range(node.minimum, node.maximum)}`;
    case 'number': {
      if (node.exclusiveMinimum === undefined) return `a number${range(node.minimum, node.maximum)}`;
      return `a number above ${node.exclusiveMinimum}${range(undefined, node.maximum, '', ' and ')}`;
    }
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return `a list${range(node.minItems, node.maxItems, ' items', ' of ')}`;
    default:
      return node.minProperties === undefined
        ? 'a JSON object'
        : `a JSON object with at least ${node.minProperties} of ${Object.keys(node.properties ?? {}).join(', ')}`;
  }
}

function text({ pattern, description, examples, minLength, maxLength }: SchemaNode): string {
  if (pattern === NAME_PATTERN) return '1 to 64 of A–Z a–z 0–9 _ -';
  const example = examples?.[0] === undefined ? '' : `, such as ${JSON.stringify(examples[0])}`;
  if (pattern === undefined) return `text${range(minLength, maxLength, ' characters', ' of ')}${example}`;
  // A pattern says little to people who have an example.
  if (example === '') return `text of the form ${pattern}`;
  return `${description === undefined ? 'text' : description.charAt(0).toLowerCase() + description.slice(1)}${example}`;
}

function range(low: number | undefined, high: number | undefined, unit = '', before = ' '): string {
  if (low !== undefined && high !== undefined)
    return unit === '' ? ` from ${low} to ${high}` : `${before}${low} to ${high}${unit}`;
  if (low !== undefined) return `${before}at least ${low}${unit}`;
  return high === undefined ? '' : `${before}at most ${high}${unit}`;
}
