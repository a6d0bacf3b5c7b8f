/** What the daemon tells of itself, its cameras and its decoders, gathered once for all sections. */
import type { Advice, Camera, Health, LogEntry, StreamStatus, StreamSummary, System } from '../../schema.ts';

export interface OpenDaemon {
  readonly state: 'open';
  readonly health: Health;
  readonly system: System;
  readonly cameras: readonly Camera[];
  readonly streams: readonly StreamSummary[];
  /** In full, of streams that are in trouble; some of them only where there are very many. */
  readonly troubled: readonly StreamStatus[];
  /** What the set-up of cameras was found to be; of some only where there are very many. */
  readonly advice: readonly Advice[];
  /** Its newest warnings and errors, for machines without a journal. */
  readonly warnings: readonly LogEntry[];
}

export type DaemonView =
  | OpenDaemon
  /** It does not answer. */
  | { readonly state: 'silent'; readonly why: string }
  /** It answers, but we may not see anything. */
  | { readonly state: 'closed'; readonly why: string };

/** Gets a path of the API. */
export type Ask = <T>(path: string) => Promise<T>;

const MOST_TROUBLED = 24;
const MOST_ADVICE = 64;
const AT_ONCE = 4;

/** States in which a picture is missing that somebody wants. */
export const TROUBLE: ReadonlySet<string> = new Set(['gone', 'refused', 'busy', 'stalled', 'unsupported']);

/**
 * Never throws.
 * @param isSilent whether an error of `ask` means that nobody is there, and not that we were refused
 */
export async function viewDaemon(ask: Ask, isSilent: (error: unknown) => boolean): Promise<DaemonView> {
  try {
    const health = await ask<Health>('/api/health');
    const system = await ask<System>('/api/system');
    const [{ cameras }, { streams }] = await Promise.all([
      ask<{ cameras: Camera[] }>('/api/cameras'),
      ask<{ streams: StreamSummary[] }>('/api/streams'),
    ]);
    const bad = streams.filter(({ state, enabled }) => enabled && TROUBLE.has(state));
    const troubled = await each(
      bad.slice(0, MOST_TROUBLED).map(({ name }) => `/api/streams/${encodeURIComponent(name)}`),
      (path) => ask<StreamStatus>(path),
    );
    const advice = await each(
      cameras.slice(0, MOST_ADVICE).map(({ id }) => `/api/cameras/${encodeURIComponent(id)}/advice`),
      (path) => ask<Advice>(path),
    );
    const logs = await ask<{ entries: LogEntry[] }>('/api/system/logs?level=warn&limit=100').catch(() => ({
      entries: [],
    }));
    return { state: 'open', health, system, cameras, streams, troubled, advice, warnings: logs.entries };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { state: isSilent(error) ? 'silent' : 'closed', why };
  }
}

/** Those that were answered: a camera may be removed while we ask. */
async function each<T>(paths: readonly string[], ask: (path: string) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  const rest = [...paths];
  const worker = async () => {
    for (let path = rest.shift(); path !== undefined; path = rest.shift()) {
      const answer = await ask(path).catch(() => undefined);
      if (answer !== undefined) answers.push(answer);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}
