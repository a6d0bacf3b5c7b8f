import { Compile } from 'typebox/compile';
import { RolledBack, UpdateState } from '../schema.ts';

const compiled = Compile(UpdateState);

/**
 * What root wrote of updates; undefined for what is none. What a newer version adds is passed over: after a roll-back the
 * old daemon reads what the new one's root left.
 *
 * @throws SyntaxError where it is no JSON
 */
export function readUpdateState(text: string): UpdateState | undefined {
  const known = pick(JSON.parse(text), Object.keys(UpdateState.properties));
  if (known && known.rolled_back !== null)
    known.rolled_back = pick(known.rolled_back, Object.keys(RolledBack.properties));
  return compiled.Check(known) ? known : undefined;
}

function pick(value: unknown, keys: readonly string[]): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));
}
