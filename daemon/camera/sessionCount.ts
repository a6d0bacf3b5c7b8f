/**
 * How many sessions a camera grants at once: Tapo gives two a stream, WIWACAM two in all (ingest/README, case 56), and others end
 * the oldest for the newest. Who knows it gives the site's recorder the box's stream in place of the camera's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceSession, SourceSink } from '../ingest/sourceSession.ts';
import type { SessionCount } from '../schema.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Beside the box's own: for a recorder, a telephone, a second wall and one to spare. More would only be a burden to the camera. */
const MOST = 4;
/** Milliseconds until a session that was granted shows a picture, and until the wall's own does. */
const PATIENCE = 10_000;
/** Milliseconds after a session began, by which a camera that takes one for another has ended the other. */
const SETTLES = 1_500;
const LOOK = 100;

type Counted = Pick<SessionCount, 'stream' | 'granted' | 'end'>;

interface Extra {
  /** Resolves with whether a picture came; then it stays open until the end. */
  readonly picture: Promise<boolean>;
  /** It ended by itself. */
  readonly over: boolean;
  /** Resolves when the camera had its TEARDOWN. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens one session after the other beside those that the box has, until one is refused, one that was there ends, or there are
 * enough; then gives all of them back. Undefined: the stream does not play, so nothing can be said. Never rejects.
 * @param stream which is opened again and again; the small one costs the camera least
 * @param all of this camera
 */
export async function countSessions(
  stream: StreamSupervisor,
  all: readonly StreamSupervisor[],
  signal: AbortSignal,
): Promise<Counted | undefined> {
  const steady = new SteadyPictures(stream);
  const extras: Extra[] = [];
  try {
    if (!(await steady.begun(signal))) return undefined;
    const held = all.filter(({ connected }) => connected).map((one) => ({ one, session: one.connects }));
    const isHeld = (one: StreamSupervisor, session: number) =>
      // Of the others perhaps the last viewer has left, and the box gave it back itself.
      one.connects === session && (one.connected || (one !== stream && !one.wanted));
    const isWhole = () =>
      held.every(({ one, session }) => isHeld(one, session)) && extras.every(({ over }) => !over);
    const result = (end: Counted['end'], granted = held.length + extras.length): Counted => ({
      stream: stream.source.name,
      granted,
      end,
    });
    while (extras.length < MOST) {
      const extra = openExtra((sink) => stream.another(sink), signal);
      const isGranted = await extra.picture;
      if (isGranted) extras.push(extra);
      else await extra.close();
      await sleep(SETTLES, undefined, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      if (!isWhole()) return result('displaced', held.length + extras.length - (isGranted ? 1 : 0));
      if (!isGranted) return result('refused');
    }
    return result('enough');
  } finally {
    await Promise.all(extras.map((extra) => extra.close()));
    steady.leave();
  }
}

/** Streams of RTSP have sessions that run out. */
export function hasSessions({ source }: Pick<StreamSupervisor, 'source'>): boolean {
  return /^\s*rtsps?:/i.test(source.url);
}

/** Keeps the stream open. A session that somebody has just left looks alive while it says goodbye: pictures tell. */
class SteadyPictures {
  readonly leave: () => void;
  #session: number | undefined;
  #first = 0;
  #last = 0;

  constructor(stream: StreamSupervisor) {
    this.leave = stream.watch(({ receivedAt }) => {
      if (stream.connects !== this.#session) this.#first = receivedAt;
      this.#session = stream.connects;
      this.#last = receivedAt;
    });
  }

  /** Resolves with whether they have come for a while in one session. */
  async begun(signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + PATIENCE;
    while (this.#last - this.#first < SETTLES && performance.now() < until && !signal.aborted)
      await sleep(LOOK, undefined, { signal }).catch(() => {});
    return this.#last - this.#first >= SETTLES && !signal.aborted;
  }
}

function openExtra(open: (sink: SourceSink) => SourceSession, signal: AbortSignal): Extra {
  const end = new AbortController();
  const picture = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => picture.resolve(false), PATIENCE);
  let over = false;
  const session = open({
    playing: () => {},
    accessUnit: () => picture.resolve(true),
    audioFrame: () => {},
  });
  const ended = session
    .run(AbortSignal.any([end.signal, signal]))
    .catch(() => {})
    .then(() => {
      over = true;
      clearTimeout(timer);
      picture.resolve(false);
    });
  return {
    picture: picture.promise,
    get over() {
      return over;
    },
    close: () => {
      end.abort();
      return ended;
    },
  };
}
