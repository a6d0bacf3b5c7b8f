import { setImmediate as breathe } from 'node:timers/promises';
import { type Span, spansOf } from '../record/spans.ts';
import type { Alarm, RecordedDays, Timeline, TimelineEvent } from '../schema.ts';
import type { Alarms } from './alarms.ts';
import type { Footage } from './footage.ts';
import { monthDays } from './monthDays.ts';

export interface PlaybackOptions {
  footage: Footage;
  alarms: Pick<Alarms, 'between'>;
  /** IANA name of the box's. */
  timeZone: () => string;
}

/** What there is when: for timelines and calendars. */
export class Playback {
  readonly #options: PlaybackOptions;

  constructor(options: PlaybackOptions) {
    this.#options = options;
  }

  /**
   * @param cameras undefined: all of which something is recorded @param from Unix seconds
   * @throws CameraError `camera_not_found`, 503
   */
  async timeline(cameras: readonly string[] | undefined, from: number, to: number): Promise<Timeline> {
    const { footage, alarms } = this.#options;
    for (const camera of cameras ?? []) footage.require(camera);
    const { index } = footage.library;
    const events = Map.groupBy(alarms.between(from, to), ({ camera }) => camera);
    const found: Timeline['cameras'] = [];
    for (const camera of cameras ?? index.cameras()) {
      const spans = spansOf(index.times(camera, from * 1000, to * 1000)).map(spanOf);
      const ofCamera = events.get(camera) ?? [];
      found.push({
        camera,
        spans,
        events: ofCamera.toSorted((a, b) => a.since - b.since).map(eventOf),
      });
      // A month of a camera is fifty thousand segments: pictures come in between.
      await breathe();
    }
    return { from, to, cameras: found };
  }

  /** @param camera undefined: any @param month `2026-11` @throws CameraError `camera_not_found`, 503 */
  days(camera: string | undefined, month: string): RecordedDays {
    const { footage, timeZone } = this.#options;
    if (camera !== undefined) footage.require(camera);
    const { index } = footage.library;
    const cameras = camera === undefined ? index.cameras() : [camera];
    const recorded = monthDays(month, timeZone()).filter(({ from, to }) =>
      cameras.some((one) => index.has(one, from * 1000, to * 1000)),
    );
    return { days: recorded.map(({ day }) => day) };
  }
}

function spanOf({ from, until, ...rest }: Span): Timeline['cameras'][number]['spans'][number] {
  return { from: from / 1000, to: until / 1000, ...rest };
}

function eventOf({ since, until, topic, message }: Alarm): TimelineEvent {
  return { from: since, to: until, topic, text: message };
}
