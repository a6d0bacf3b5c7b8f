/**
 * Second reporter of scripts/test: under CI=true a skipped (or “todo”) test is named and fails the run, so that a missing
 * program cannot make the run green.
 */
import type { TestEvent } from 'node:test/reporters';

/** What a test is marked with that failed and gets a second try, which will count: it is not a skipped one. */
export const TO_BE_TRIED_AGAIN = 'FAILED, is tried again at the end';

export default async function* skipReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (process.env.CI !== 'true') continue;
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, file, skip, todo } = event.data;
    const reason = skip ?? todo;
    if (reason === undefined || reason === false || reason === TO_BE_TRIED_AGAIN) continue;
    process.exitCode = 1;
    yield `SKIPPED, which CI forbids: ${file ?? ''} “${name}”${typeof reason === 'string' ? `: ${reason}` : ''}\n`;
  }
}
