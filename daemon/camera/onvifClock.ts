/** A camera's clock from GetSystemDateAndTime. Pure and total. discover/README, cases 23, 24 and 33. */
import { child, descendant, parseXml, type XmlElement } from '../discover/xml.ts';

/** Closer than that two clocks are the same to every camera (5 s is the strictest seen, HA#121952). */
const SAME = 2;

export interface CameraClock {
  /** Seconds that the camera's UTC is ahead of ours; undefined when it did not say. */
  readonly utc: number | undefined;
  /** The same from its local time. */
  readonly local: number | undefined;
}

/**
 * @param xml a GetSystemDateAndTime answer
 * @param now our Unix time in milliseconds when the camera wrote it
 */
export function readClock(xml: string, now: number): CameraClock {
  const answer = descendant(parseXml(xml), 'SystemDateAndTime');
  const skew = (name: string): number | undefined => {
    const time = readDateTime(child(answer, name));
    // It tells whole seconds, cut off: on average half a second has passed since.
    return time === undefined ? undefined : Math.round((time + 500 - now) / 1000);
  };
  return { utc: skew('UTCDateTime'), local: skew('LocalDateTime') };
}

/**
 * What to add to our time for `Created`, the likeliest first: what the camera calls UTC; nothing, for cameras that show
 * one time and check another; and its local time, since some check tokens by that (OpenIPC majestic-webui#292).
 */
export function skewCandidates(clock: CameraClock): number[] {
  const candidates: number[] = [];
  for (const skew of [clock.utc, 0, clock.local])
    if (skew !== undefined && !candidates.some((known) => Math.abs(known - skew) <= SAME))
      candidates.push(skew);
  return candidates;
}

/** Unix milliseconds. Overflowing fields (`24:00:00`, `00:61:16`) run on into the next, as the cameras mean them. */
function readDateTime(element: XmlElement | undefined): number | undefined {
  const number = (parent: XmlElement | undefined, name: string): number =>
    Number.parseInt(child(parent, name)?.text ?? '', 10);
  const [date, time] = [child(element, 'Date'), child(element, 'Time')];
  const value = Date.UTC(
    number(date, 'Year'),
    number(date, 'Month') - 1,
    number(date, 'Day'),
    number(time, 'Hour'),
    number(time, 'Minute'),
    number(time, 'Second'),
  );
  return Number.isNaN(value) ? undefined : value;
}
