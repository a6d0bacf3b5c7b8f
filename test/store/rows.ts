import type { CameraRow, StreamRow } from '../../daemon/store/rows.ts';

/** A whole row; a test says only what matters to it. */
export function cameraRow(id: string, change: Partial<CameraRow> = {}): CameraRow {
  return {
    id,
    name: `Camera ${id}`,
    address: null,
    username: null,
    password: null,
    manufacturer: null,
    model: null,
    firmware: null,
    serial: null,
    endpoint: null,
    created_at: 1_700_000_000.5,
    ptz: false,
    ...change,
  };
}

export function streamRow(name: string, camera_id: string, change: Partial<StreamRow> = {}): StreamRow {
  return {
    name,
    camera_id,
    profile: 'main',
    rtsp_url: 'rtsp://192.168.1.64/main',
    username: null,
    password: null,
    channel: null,
    subtype: null,
    transport: 'auto',
    enabled: true,
    keep_warm: false,
    profile_token: null,
    snapshot_url: null,
    codec: null,
    width: null,
    height: null,
    fps: null,
    known_transport: null,
    position: 0,
    ...change,
  };
}

/** A plain dump of everything that a store holds, for comparison. */
export function contents(store: import('../../daemon/store/store.ts').Store) {
  return {
    cameras: store.cameras(),
    streams: store.streams(),
    layouts: store.layouts(),
    wall: store.wall(),
  };
}
