import type { Logger } from 'pino';
import { openSource, type SourceOptions } from '../ingest/openSource.ts';
import type { SourceSession, SourceSink } from '../ingest/sourceSession.ts';
import type { StreamSource } from './streamSource.ts';

/** What the box says, of all of its cameras or of one stream. */
export type RtspOptions = Pick<SourceOptions, 'requestTimeout' | 'judge' | 'remuxer' | 'handover'>;

export interface OpenOptions extends RtspOptions, Pick<SourceOptions, 'audio' | 'first' | 'keepAlive'> {
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly log: Logger;
}

/** A session with the camera that the stream comes from; `run` begins it. */
export function openStream(source: StreamSource, options: OpenOptions, sink: SourceSink): SourceSession {
  const { url, username, password, transport } = source;
  const login = username === null ? {} : { username, password: password ?? '' };
  return openSource({ url, ...login, transport, ...options }, sink);
}
