/** A box whose key is not pinned yet: believed only when somebody said so, and then by exactly that key ever after. */

import { HostFailure } from './failure.ts';
import { isPinned, offeredKeys, pin } from './pins.ts';
import type { CommonOptions } from './program.ts';
import type { Session } from './session.ts';

/** Two boxes at once must not write into each other's lines. */
let writing: Promise<void> = Promise.resolve();

/**
 * Nothing to do for a box that is pinned: whether it is the same is ssh's to say. A key that is not the pinned one is never
 * replaced here.
 *
 * @param print tells the fingerprints, which somebody should compare
 * @throws HostFailure key_refused, unreachable
 */
export async function firstContact(
  { host, options: { pins, connectTimeout }, say }: Session,
  { pin: trusting, fingerprint }: Pick<CommonOptions, 'pin' | 'fingerprint'>,
  print: (text: string) => void,
): Promise<void> {
  if ((!trusting && fingerprint.length === 0) || (await isPinned(pins, host))) return;
  say('reads its host key');
  const offered = await offeredKeys(host, connectTimeout);
  if (offered.length === 0) throw new HostFailure('unreachable', 'does not answer (ssh-keyscan)');
  const shown = offered.map((key) => `${key.type} ${key.fingerprint}`).join(', ');
  const wanted =
    fingerprint.length === 0 ? offered : offered.filter((key) => fingerprint.includes(key.fingerprint));
  if (wanted.length === 0)
    throw new HostFailure('key_refused', `offers no key with the given fingerprint, but ${shown}`);
  for (const key of wanted) print(`${host.label}: pinned ${key.type} ${key.fingerprint}`);
  writing = writing.then(() => pin(pins, host, wanted));
  await writing;
}
