import type { Transport } from '../schema.ts';

/** A camera as it is kept. `password` never leaves the daemon. */
export interface CameraRow {
  id: string;
  name: string;
  /** ONVIF device service; null for a camera added by its stream URL. */
  address: string | null;
  username: string | null;
  password: string | null;
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
  serial: string | null;
  /** WS-Discovery endpoint reference: finds the camera again under a new address. */
  endpoint: string | null;
  /** Unix seconds. */
  created_at: number;
  /** It can be moved. */
  ptz: boolean;
}

/** A stream as it is kept. */
export interface StreamRow {
  name: string;
  camera_id: string;
  profile: string;
  /** Without credentials. */
  rtsp_url: string;
  username: string | null;
  password: string | null;
  channel: number | null;
  subtype: number | null;
  transport: Transport;
  enabled: boolean;
  keep_warm: boolean;
  /** ONVIF. */
  profile_token: string | null;
  snapshot_url: string | null;
  /** As the camera announced it or as it was last seen; null: not known yet. */
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  /** Order within the camera, the best picture first. */
  position: number;
}

/** Typed by the row, so that a column forgotten here does not compile. */
const CAMERA: Record<keyof CameraRow, true> = {
  id: true,
  name: true,
  address: true,
  username: true,
  password: true,
  manufacturer: true,
  model: true,
  firmware: true,
  serial: true,
  endpoint: true,
  created_at: true,
  ptz: true,
};

const STREAM: Record<keyof StreamRow, true> = {
  name: true,
  camera_id: true,
  profile: true,
  rtsp_url: true,
  username: true,
  password: true,
  channel: true,
  subtype: true,
  transport: true,
  enabled: true,
  keep_warm: true,
  profile_token: true,
  snapshot_url: true,
  codec: true,
  width: true,
  height: true,
  fps: true,
  position: true,
};

export const CAMERA_COLUMNS: readonly string[] = Object.keys(CAMERA);
export const STREAM_COLUMNS: readonly string[] = Object.keys(STREAM);

/** A stream as SQLite gives it: it knows no booleans. */
export type StoredStream = Omit<StreamRow, 'enabled' | 'keep_warm'> & { enabled: number; keep_warm: number };

export type StoredCamera = Omit<CameraRow, 'ptz'> & { ptz: number };

export function fromStoredCamera(row: StoredCamera): CameraRow {
  return { ...row, ptz: row.ptz === 1 };
}

export function fromStored(row: StoredStream): StreamRow {
  return { ...row, enabled: row.enabled === 1, keep_warm: row.keep_warm === 1 };
}

/** Booleans as 0 and 1, everything else as it is. */
export function toStored(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  );
}
