import type { VideoParameters } from '../frame.ts';
import type { SourceTransport } from '../ingest/sourceSession.ts';
import type { Store } from '../store/store.ts';

/** What a stream's pictures tell of it, when they begin to come or are others than before. */
export interface Learned {
  video: VideoParameters;
  /** Sound has come or gone. */
  heard: boolean;
  /** By which they came. */
  transport: SourceTransport | undefined;
}

/**
 * Keeps codec and size, so that the wall can choose the fitting stream before it was ever opened, and the transport for the next start.
 * @returns something is shown otherwise now
 */
export function keepLearned(
  store: Pick<Store, 'stream' | 'updateStream'>,
  name: string,
  { video: { codec, width, height }, heard, transport }: Learned,
): boolean {
  const row = store.stream(name);
  if (!row) return false;
  const known_transport =
    transport === 'tcp' || transport === 'udp' || transport === 'multicast' ? transport : null;
  const same = row.codec === codec && row.width === width && row.height === height;
  if (!same || row.known_transport !== known_transport)
    store.updateStream(name, { codec, width, height, known_transport });
  return !same || heard;
}
