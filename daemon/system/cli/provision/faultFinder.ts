/** What a schema finds wrong, as sentences for people. The value itself is never told: it may be a password. Pure. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings as TypeboxSettings } from 'typebox/system';
import { expected, type SchemaNode } from '../../../schema.ts';

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
      message: words(error, nodeAt(schema as SchemaNode, error.schemaPath)),
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

function nodeAt(root: SchemaNode, schemaPath: string): SchemaNode {
  let node: unknown = root;
  for (const part of schemaPath.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    node = (node as Record<string, unknown> | undefined)?.[key];
  }
  return (node ?? {}) as SchemaNode;
}

function words({ keyword, params }: SchemaError, node: SchemaNode): string {
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
