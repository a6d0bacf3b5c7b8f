/** What the page begins with: which cameras there are, which have recordings, what the address asks for. */
import type { Camera } from '../../daemon/schema.ts';
import { readCameras, readTimeline } from '../api/recordings.ts';
import type { Failure } from '../api/request.ts';
import type { Place } from './address.ts';
import { lastRecorded, nextRecorded } from './spans.ts';

/** Seconds. The box answers for so long at once, and who names no time sees the last half minute. */
const SEARCHED = 31 * 86_400;
const BEFORE_END = 30;
/** Cameras that are shown to somebody who names none. */
const FIRST_CAMERAS = 4;
const SHORTEST_VIEW = 300;
const LONGEST_VIEW = 3600;

export interface Beginning {
  cameras: readonly Camera[];
  /** Ids of those that recorded something in the last month. */
  recorded: ReadonlySet<string>;
  chosen: string[];
  at: number;
  /** Seconds that the timeline shows at first: a box that has just begun to record has little to show. */
  length: number;
}

export async function readBeginning(place: Place, now: number): Promise<Beginning | Failure> {
  const [cameras, timeline] = await Promise.all([
    readCameras(),
    readTimeline(undefined, now - SEARCHED, now),
  ]);
  if (!cameras.ok) return cameras;
  if (!timeline.ok) return timeline;
  const rows = timeline.value.cameras.filter(({ spans }) => spans.length > 0);
  const newestFirst = [...rows].sort((a, b) => b.spans.at(-1)!.to - a.spans.at(-1)!.to);
  // Of equals those that the list has first.
  const list = cameras.value.cameras;
  const order = new Map(list.map(({ id }, i) => [id, i]));
  const newest = newestFirst
    .slice(0, FIRST_CAMERAS)
    .map(({ camera }) => camera)
    .sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity));
  const chosen = place.cameras.length > 0 ? place.cameras : newest;
  const looked = rows.filter(({ camera }) => place.wall || chosen.includes(camera));
  const end = lastRecorded(looked);
  const begin = Math.min(...looked.flatMap(({ spans }) => spans.map(({ from }) => from)), now);
  const wish = end === undefined ? now : Math.max(end - BEFORE_END, begin + 0.1);
  return {
    cameras: list,
    recorded: new Set(rows.map(({ camera }) => camera)),
    chosen,
    at: place.at ?? nextRecorded(looked, wish) ?? wish,
    length: Math.min(Math.max((now - begin) * 2, SHORTEST_VIEW), LONGEST_VIEW),
  };
}
