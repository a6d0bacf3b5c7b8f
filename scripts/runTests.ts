/**
 * Runs test files: most of them two at a time; those with a real browser or a whole machine in them one at a time, afterwards.
 * Side by side they starve each other on a small machine, and then measure that.
 *
 *   node scripts/runTests.ts FILE...        paths in the checkout
 *
 * @exitStatus 1 when a test failed; under CI=true also when one was skipped
 */
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec as Spec, type TestEvent } from 'node:test/reporters';
import skipReporter from './skipReporter.ts';

/** Files, and folders of them. */
const ALONE = [
  'test/e2e/',
  'test/player/browser/',
  'test/mp4/chromium.test.ts',
  'test/daemon/slowViewer.test.ts',
  'test/daemon/recording.test.ts',
  'test/image/container.test.ts',
  'test/image/twoScreens.test.ts',
  'test/scripts/install.test.ts',
];
/** Milliseconds for one file. */
const TIMEOUT = 900_000;
/** What the runner counts; it says so at its end. */
const TOTAL = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

const isAlone = (file: string) => ALONE.some((path) => file.startsWith(path));

/** Two runs as if they were one: their totals are added up, and what failed is listed once, at the end. */
async function* events(files: readonly string[]): AsyncGenerator<TestEvent> {
  const totals = new Map<string, number>();
  let end: TestEvent | undefined;
  const runs = [
    { files: files.filter((file) => !isAlone(file)), concurrency: 2 },
    { files: files.filter(isAlone), concurrency: 1 },
  ];
  for (const one of runs) {
    if (one.files.length === 0) continue;
    for await (const event of run({ ...one, timeout: TIMEOUT }) as AsyncIterable<TestEvent>) {
      if (event.type === 'test:fail') process.exitCode = 1;
      const said =
        event.type === 'test:diagnostic' && event.data.nesting === 0 && TOTAL.exec(event.data.message);
      if (said) totals.set(said[1]!, (totals.get(said[1]!) ?? 0) + Number(said[2]));
      else if (event.type === 'test:summary' && event.data.file === undefined) end = event;
      else yield event;
    }
  }
  for (const [name, count] of totals) {
    const data = { nesting: 0, message: `${name} ${count}`, level: 'info' as const };
    yield { type: 'test:diagnostic', data };
  }
  if (end) yield end;
}

const shown = Readable.from(events(process.argv.slice(2)));
shown.compose(new Spec()).pipe(process.stdout);
shown.compose(skipReporter).pipe(process.stderr);
