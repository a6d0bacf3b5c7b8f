/**
 * Runs test files: most of them two at a time; those with a real browser or a whole machine in them one at a time, afterwards.
 * Side by side they starve each other on a small machine, and then measure that.
 *
 * Under CI=true files that failed, if they are few, are tried once more, alone, and each test that failed the first time is
 * named with its error: on a machine shared with others a browser now and then loses a tap that it was given.
 *
 *   node scripts/runTests.ts FILE...        paths in the checkout
 *
 * @exitStatus 1 when a test failed; under CI=true also when one was skipped
 */
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec as Spec, type TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import skipReporter, { TO_BE_TRIED_AGAIN } from './skipReporter.ts';

/** Files, and folders of them. */
const ALONE = [
  'test/e2e/',
  'test/player/browser/',
  'test/mp4/chromium.test.ts',
  'test/daemon/slowViewer.test.ts',
  'test/daemon/recording.test.ts',
  'test/daemon/recordingModes.test.ts',
  'test/daemon/playback.test.ts',
  'test/image/container.test.ts',
  'test/image/twoScreens.test.ts',
  'test/scripts/install.test.ts',
];
/** Milliseconds for one file. */
const TIMEOUT = 900_000;
/** More failed files than this are no accident. */
const TRIED_AGAIN = 3;
/** What the runner counts; it says so at its end. */
const TOTAL = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

const isAlone = (file: string) => ALONE.some((path) => file.startsWith(path));

type Fail = Extract<TestEvent, { type: 'test:fail' }>;

/** Several runs as if they were one: their totals are added up, and what failed is listed once, at the end. */
async function* events(files: readonly string[]): AsyncGenerator<TestEvent> {
  const totals = new Map<string, number>();
  const add = (name: string, count: number) => totals.set(name, (totals.get(name) ?? 0) + count);
  const failed = new Map<string, Fail[]>();
  let end: TestEvent | undefined;

  async function* one(of: {
    files: string[];
    concurrency: number;
    last: boolean;
  }): AsyncGenerator<TestEvent> {
    if (of.files.length === 0) return;
    const options = { files: of.files, concurrency: of.concurrency, timeout: TIMEOUT };
    for await (const event of run(options) as AsyncIterable<TestEvent>) {
      const said =
        event.type === 'test:diagnostic' && event.data.nesting === 0 && TOTAL.exec(event.data.message);
      const file = event.type === 'test:fail' ? entryOf(event) : undefined;
      if (said) add(said[1]!, Number(said[2]));
      else if (event.type === 'test:summary' && event.data.file === undefined) end = event;
      else if (event.type === 'test:fail' && file !== undefined && !of.last) {
        failed.set(file, [...(failed.get(file) ?? []), event]);
        yield* toBeTriedAgain(event);
      } else {
        if (event.type === 'test:fail') process.exitCode = 1;
        yield event;
      }
    }
  }

  const last = process.env.CI !== 'true';
  yield* one({ files: files.filter((file) => !isAlone(file)), concurrency: 2, last });
  yield* one({ files: files.filter(isAlone), concurrency: 1, last });
  if (failed.size > TRIED_AGAIN) {
    process.exitCode = 1;
    for (const fails of failed.values()) yield* fails;
  } else if (failed.size > 0) {
    // Each test counts once, and what the second try says of these files stands.
    const before = new Map(totals);
    yield* one({ files: [...failed.keys()], concurrency: 1, last: true });
    const again = (name: string) => totals.get(name)! - before.get(name)!;
    const bad = { fail: again('fail'), cancelled: again('cancelled') };
    const mended = before.get('fail')! + before.get('cancelled')! - bad.fail - bad.cancelled;
    const duration_ms = totals.get('duration_ms')!;
    for (const [name, count] of [...before, ...Object.entries({ ...bad, duration_ms })])
      totals.set(name, count);
    add('pass', mended);
  }
  for (const [name, count] of totals) {
    const data = { nesting: 0, message: `${name} ${count}`, level: 'info' as const };
    yield { type: 'test:diagnostic', data };
  }
  if (end) yield end;
}

/** The file that was run, which need not be the one that the test stands in. */
const entryOf = ({ data }: Fail): string | undefined =>
  (data as { entryFile?: string }).entryFile ?? data.file;

/** The reporters match the end of a test with its begin; so it ends, and what was wrong is told beside it. */
function* toBeTriedAgain({ data }: Fail): Generator<TestEvent> {
  const { error, ...details } = data.details;
  yield {
    type: 'test:pass',
    data: { ...data, details, todo: TO_BE_TRIED_AGAIN },
  } as TestEvent;
  yield {
    type: 'test:diagnostic',
    data: {
      nesting: data.nesting + 1,
      message: `${data.name}: ${inspect(error.cause ?? error)}`,
      level: 'warn',
    },
  } as TestEvent;
}

const shown = Readable.from(events(process.argv.slice(2)));
shown.compose(new Spec()).pipe(process.stdout);
shown.compose(skipReporter).pipe(process.stderr);
