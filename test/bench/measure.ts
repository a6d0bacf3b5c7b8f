/** What every measure is given. */
import type { Figures } from './figures.ts';

export interface MeasureOptions {
  quick: boolean;
  /** Of one count; undefined: as long as the measure thinks fit. */
  seconds: number | undefined;
  /** Rounds, of which the medians count. */
  passes: number | undefined;
  /** How many viewers, or in `watching` which numbers of them. */
  viewers: number[] | undefined;
  cameras: number | undefined;
  joins: number | undefined;
  stream: 'main' | 'sub' | undefined;
  /** How often the daemon is killed while it records. */
  kills: number;
  /** Record onto a disk that is taken away and put back. */
  disk: boolean;
  /** What needs Chromium, too. */
  browser: boolean;
}

export interface MeasureContext {
  figures: Figures;
  options: MeasureOptions;
  /** Says what comes now. */
  step(text: string): void;
  /** What is to be ended whatever happens, the last first. */
  cleanup: AsyncDisposableStack;
}

/** Has the thing ended when the measure is over. */
export async function owned<T extends { stop(): Promise<unknown> }>(
  { cleanup }: MeasureContext,
  starting: Promise<T> | T,
): Promise<T> {
  const thing = await starting;
  cleanup.defer(async () => void (await thing.stop()));
  return thing;
}
