import type { Transport } from '../schema.ts';
import type { KnownTransport } from '../store/rows.ts';

/** Where a stream comes from and how much it is wanted. */
export interface StreamSource {
  name: string;
  camera: string;
  profile: string;
  url: string;
  username: string | null;
  password: string | null;
  transport: Transport;
  /** Pictures came by it the last time, so it is tried first; null: in the order that `transport` has. */
  knownTransport: KnownTransport | null;
  enabled: boolean;
  keepWarm: boolean;
}
