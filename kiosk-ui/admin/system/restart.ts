import type { Health } from '../../../daemon/schema.ts';
import { request } from '../../api/request.ts';

/** Milliseconds. */
const PAUSE = 700;
/** The daemon needs seconds on an Atom before it listens; it must first have gone away at all. */
const LEAST = 3_000;

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
