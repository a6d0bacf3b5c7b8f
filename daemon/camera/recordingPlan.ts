/** Which cameras are recorded at a moment, and why. Pure: settings, clocks and events in. */
import type { CameraRecording, CameraStream, RecordingHours, RecordingReason } from '../schema.ts';
import { PRE_SECONDS } from './eventTrail.ts';
import { isMainStream } from './tileStream.ts';

/** A moment as people in the box's time zone read it off the clock. */
export interface BoxClock {
  /** 0 is Sunday. */
  readonly day: number;
  /** Since midnight by the clock; where summer time begins or ends some are missing, others come twice. */
  readonly minute: number;
}

export interface Situation {
  readonly clock: BoxClock;
  /** It was started by hand, and not stopped since. */
  readonly byHand: boolean;
  /** Until when events are recorded (eventTrail.ts), seconds of a clock that never jumps. */
  readonly eventUntil: number | undefined;
  /** That clock. */
  readonly steady: number;
}

export interface Plan {
  /** null: it is not recorded. */
  readonly reason: RecordingReason | null;
  /** Seconds that are kept in memory all the time for an event that may come; undefined: none. */
  readonly preSeconds: number | undefined;
}

const MINUTE = 60;
const MINUTES_OF_DAY = 1_440;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
let kept: { timeZone: string; format: Intl.DateTimeFormat } | undefined;

/** @param unix seconds @param timeZone IANA name; UTC in place of one that is not known here (a backup may bring any) */
export function boxClock(unix: number, timeZone: string): BoxClock {
  if (kept?.timeZone !== timeZone) kept = { timeZone, format: formatOf(timeZone) };
  const parts = Object.fromEntries(
    kept.format.formatToParts(unix * 1000).map(({ type, value }) => [type, value]),
  );
  return {
    day: DAYS.indexOf(parts.weekday ?? ''),
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en', { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' });
  }
}

/** A start by hand goes on top of every mode but off. */
export function planOf(recording: CameraRecording, situation: Situation): Plan {
  const { mode, schedule, event = {} } = recording;
  const { clock, byHand, eventUntil, steady } = situation;
  const hand = byHand ? 'manual' : null;
  const within = (hours: readonly RecordingHours[]) => hours.some((one) => isWithin(one, clock));
  const only = (reason: RecordingReason | null): Plan => ({ reason, preSeconds: undefined });
  switch (mode) {
    case 'off':
      return only(null);
    case 'always':
      return only('always');
    case 'manual':
      return only(hand);
    case 'schedule':
      return only(within(schedule ?? []) ? 'schedule' : hand);
    case 'event': {
      if (schedule !== undefined && !within(schedule)) return only(hand);
      const happens = eventUntil !== undefined && steady < eventUntil;
      const { pre_seconds = PRE_SECONDS } = event;
      return { reason: happens ? 'event' : hand, preSeconds: pre_seconds > 0 ? pre_seconds : undefined };
    }
  }
}

/** Whether the clock shows a time within these hours. Those that pass midnight belong to the day on which they begin. */
function isWithin({ days, from, to }: RecordingHours, { day, minute }: BoxClock): boolean {
  const begin = minutesOf(from);
  const end = minutesOf(to);
  if (end > begin) return days.includes(day) && minute >= begin && minute < end;
  const yesterday = (day + 6) % 7;
  return (days.includes(day) && minute >= begin) || (days.includes(yesterday) && minute < end);
}

/** 24:00 is 1440. */
function minutesOf(time: string): number {
  const [hour, minute] = time.split(':');
  return Math.min(Number(hour) * 60 + Number(minute), MINUTES_OF_DAY);
}

/**
 * Seconds until a plan may be another one; undefined: nothing is foreseen.
 * @param eventEnds of all cameras, on the clock of `steady`
 */
export function nextLook(
  recordings: readonly CameraRecording[],
  eventEnds: readonly number[],
  unix: number,
  steady: number,
): number | undefined {
  const pauses = eventEnds.map((end) => end - steady).filter((pause) => pause > 0);
  // All time zones change their offset by whole minutes.
  const hours = recordings.some(({ mode, schedule }) => mode !== 'off' && schedule !== undefined);
  if (hours) pauses.push(MINUTE - (unix % MINUTE));
  return pauses.length === 0 ? undefined : Math.min(...pauses);
}

/** Name of the stream that is recorded: the other one than the main one where there is one and it is asked for. */
export function recordedStream(
  streams: readonly CameraStream[],
  { stream }: Pick<CameraRecording, 'stream'>,
): string | undefined {
  const main = streams.find((one) => isMainStream(one, streams)) ?? streams[0];
  const other = stream === 'sub' ? streams.find((one) => one !== main) : undefined;
  return (other ?? main)?.name;
}
