import type { Transport } from '../schema.ts';
import { openUrl, sealUrl, shownUrl, URL_COLUMNS } from './sealedUrl.ts';
import type { Vault } from './vault.ts';

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

export type KnownTransport = Exclude<Transport, 'auto' | 'http'>;

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
  /** The transport by which the last pictures came, tried first the next time; null: not known, or there is no choice (HTTP, files). */
  known_transport: KnownTransport | null;
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
  known_transport: true,
  position: true,
};

/** `password` is there for databases of version 1 and NULL by now. */
const SEALED = 'sealed_password';
export const CAMERA_COLUMNS: readonly string[] = [...Object.keys(CAMERA), SEALED];
export const STREAM_COLUMNS: readonly string[] = [...Object.keys(STREAM), SEALED];

interface Sealed {
  sealed_password: Uint8Array | null;
}

/** A stream as SQLite gives it: it knows no booleans, and the password is sealed. */
export type StoredStream = Omit<StreamRow, 'enabled' | 'keep_warm'> &
  Sealed & { enabled: number; keep_warm: number };

export type StoredCamera = Omit<CameraRow, 'ptz'> & Sealed & { ptz: number };

/** `password` is null too when the vault's key is not the one that it was sealed with. */
export function fromStoredCamera(stored: StoredCamera, vault: Vault): CameraRow {
  const { sealed_password: sealed, ...row } = stored;
  const password = sealed === null ? row.password : (vault.open('camera', row.id, sealed) ?? null);
  return { ...row, password, ptz: row.ptz === 1 };
}

/** As with cameras. */
export function fromStored(stored: StoredStream, vault: Vault): StreamRow {
  const { sealed_password: sealed, ...row } = stored;
  const password = sealed === null ? row.password : (vault.open('stream', row.name, sealed) ?? null);
  for (const column of URL_COLUMNS) {
    const kept = row[column];
    if (kept !== null) row[column] = openUrl(kept, row.name, column, vault) ?? shownUrl(kept);
  }
  return { ...row, password, enabled: row.enabled === 1, keep_warm: row.keep_warm === 1 };
}

/**
 * Booleans as 0 and 1, the password sealed, everything else as it is. A change without `password` stays without.
 * @throws StoreError `io`: there is no key to seal with
 */
export function toStored(
  table: 'camera' | 'stream',
  id: string,
  row: object,
  vault: Vault,
): Record<string, unknown> {
  const stored: Record<string, unknown> = Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  );
  const { [SEALED]: _never, password, ...rest } = stored;
  for (const column of table === 'stream' ? URL_COLUMNS : []) {
    const url = rest[column];
    if (typeof url === 'string') rest[column] = sealUrl(url, id, column, vault);
  }
  if (password === undefined) return rest;
  const sealed = typeof password === 'string' ? vault.seal(table, id, password) : null;
  return { ...rest, password: null, [SEALED]: sealed };
}
