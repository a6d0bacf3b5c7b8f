/**
 * What the wall shows, as the daemon tells it. The proof that the screen shows anything is its own page's report: once a
 * second it reads the pixels of each tile back (`painted`, kiosk-ui/wall/painted.ts), and `/api/system` says of each screen when
 * that was and how many tiles had a picture. Which cameras those are follows from the streams that are live and looked at.
 */
import type { ScreenWallList, StreamList, StreamStatus, System, Wall } from '../../schema.ts';
import type { AskDaemon } from './daemonApi.ts';

export interface WallReport {
  /** Seconds since a screen's page last said what it paints; null: none ever did. */
  silence: number | null;
  /** Tiles with a picture, of all screens that speak. */
  painting: number;
  /** Every screen is off, by the hours of its wall. */
  dark: boolean;
  /** Cameras of which a stream is live. */
  live: string[];
  /** Cameras of which nobody wants a picture: the wall shows another layout, or they take turns. */
  idle: string[];
}

/** Undefined: the daemon does not answer. */
export async function wallReport(ask: AskDaemon): Promise<WallReport | undefined> {
  const system = await ask<System>('/api/system');
  const list = system && (await ask<StreamList>('/api/streams'));
  if (!Array.isArray(list?.streams)) return undefined;
  const { time, screens = [] } = system as System;
  const ages = screens.flatMap(({ heartbeat, painting }) =>
    heartbeat === null ? [] : [{ age: Math.max(0, time - heartbeat), painting }],
  );
  const streams = new Map<string, string[]>();
  for (const { camera, state } of list.streams) streams.set(camera, [...(streams.get(camera) ?? []), state]);
  const cameras = [...streams];
  return {
    silence: ages.length > 0 ? Math.min(...ages.map(({ age }) => age)) : null,
    painting: ages.reduce((sum, { age, painting }) => sum + (age < FRESH ? painting : 0), 0),
    dark: screens.length > 0 && screens.every(({ dark }) => dark),
    live: cameras.flatMap(([camera, states]) => (states.includes('live') ? [camera] : [])),
    idle: cameras.flatMap(([camera, states]) =>
      states.every((state) => RESTING.has(state)) ? [camera] : [],
    ),
  };
}

const RESTING = new Set(['idle', 'stopped', 'ended', 'paused']);

/** Of the version before, kept over the restart. */
export interface Before {
  /** The version that has to show it again. */
  target: string;
  /** Cameras that were live and looked at. */
  cameras: string[];
  /** Tiles with a picture on the screen. */
  painting: number;
  /** One layout, always: the same number of tiles must come again. */
  steady: boolean;
}

/** Nothing is asked of the new version that the old one did not do: a daemon that does not answer leaves nothing. */
export async function beforeRestart(ask: AskDaemon, target: string): Promise<Before> {
  const report = await wallReport(ask);
  const walls = await ask<ScreenWallList>('/api/walls');
  return {
    target,
    cameras: await lookedAt(ask, report?.live ?? []),
    painting: report?.painting ?? 0,
    steady: walls?.walls?.every(({ wall }) => isSteady(wall)) ?? false,
  };
}

function isSteady({ sequence, schedule = [], screen_off = [] }: Wall): boolean {
  return sequence.length <= 1 && schedule.length === 0 && screen_off.length === 0;
}

/** Seconds. The page says it every second, a busy Atom's too. */
export const FRESH = 20;
/** More than a wall can have. */
const MOST_STREAMS = 400;

async function lookedAt(ask: AskDaemon, live: readonly string[]): Promise<string[]> {
  const list = live.length > 0 ? await ask<StreamList>('/api/streams') : undefined;
  const found = new Set<string>();
  for (const { name, camera, state } of list?.streams.slice(0, MOST_STREAMS) ?? []) {
    if (state !== 'live' || found.has(camera)) continue;
    const stream = await ask<StreamStatus>(`/api/streams/${encodeURIComponent(name)}`);
    if ((stream?.viewers ?? 0) > 0) found.add(camera);
  }
  return [...found];
}

/** What a file says of it; nothing is asked where it says nothing. Pure, total. */
export function beforeOf(text: string): Before | undefined {
  try {
    const { target, cameras, painting, steady } = JSON.parse(text) as Partial<Record<keyof Before, unknown>>;
    if (typeof target !== 'string' || !Array.isArray(cameras)) return undefined;
    return {
      target,
      cameras: cameras.filter((camera) => typeof camera === 'string'),
      painting: typeof painting === 'number' ? painting : 0,
      steady: steady === true,
    };
  } catch {
    return undefined;
  }
}
