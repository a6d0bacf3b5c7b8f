import type { Health } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';

/** Milliseconds. */
const PAUSE = 700;
/** A machine that is down answers nothing at all. */
const PATIENCE = 3_000;
/** The daemon needs seconds on an Atom before it listens; it must first have gone away at all. */
const LEAST = 3_000;

/** A machine that was told to restart and still answers after so long does not. */
const LONGEST_GOODBYE = 90_000;

/**
 * Waits until the machine has gone down and come back, however long, and then loads the page anew.
 * @returns it never went down
 */
export async function waitForReboot(): Promise<void> {
  const begun = performance.now();
  let gone = false;
  while (gone || performance.now() - begun < LONGEST_GOODBYE) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const answer = await request<Health>('GET', '/api/health', undefined, { timeout: PATIENCE });
    if (answer.ok && gone) location.reload();
    gone ||= !answer.ok;
  }
}

/** Waits until the daemon is back, however long, and then loads the page anew: everything may be another one now. */
export async function waitForRestart(): Promise<never> {
  const begun = performance.now();
  let gone = false;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const answer = await request<Health>('GET', '/api/health');
    gone ||= !answer.ok;
    if (answer.ok && (gone || performance.now() - begun > LEAST)) location.reload();
  }
}
