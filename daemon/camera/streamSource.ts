import type { Transport } from '../schema.ts';

/** Where a stream comes from and how much it is wanted. */
export interface StreamSource {
  name: string;
  camera: string;
  profile: string;
  url: string;
  username: string | null;
  password: string | null;
  transport: Transport;
  enabled: boolean;
  keepWarm: boolean;
}
