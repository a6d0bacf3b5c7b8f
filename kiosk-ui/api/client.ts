import type {
  Camera,
  Layout,
  Pairing,
  Provisioning,
  Ptz,
  PtzCommand,
  ScreenWallList,
  Session,
  Settings,
  System,
  Update,
  Wall,
} from '../../daemon/schema.ts';
import { type Result, request } from './request.ts';

export const readSession = (): Promise<Result<Session>> => request('GET', '/api/session');

/** @param screen which of the box's screens asks */
export const readPairing = (screen = 1): Promise<Result<Pairing>> =>
  request('GET', screen === 1 ? '/api/pairing' : `/api/pairing?screen=${screen}`);

export const readSettings = (): Promise<Result<Settings>> => request('GET', '/api/settings');

export const readSystem = (): Promise<Result<System>> => request('GET', '/api/system');

export const readUpdate = (): Promise<Result<Update>> => request('GET', '/api/system/update');

export const dismissUpdateNotice = (): Promise<Result<void>> =>
  request('DELETE', '/api/system/update/notice');

export const readProvisioning = (): Promise<Result<Provisioning>> =>
  request('GET', '/api/system/provisioning');

export const readWall = (screen = 1): Promise<Result<Wall>> =>
  request('GET', screen === 1 ? '/api/wall' : `/api/walls/${screen}`);

export const readWalls = (): Promise<Result<ScreenWallList>> => request('GET', '/api/walls');

export const readLayout = (name: string): Promise<Result<Layout>> =>
  request('GET', `/api/layouts/${encodeURIComponent(name)}`);

export async function readCameras(): Promise<Result<Camera[]>> {
  const answer = await request<{ cameras: Camera[] }>('GET', '/api/cameras');
  return answer.ok ? { ok: true, value: answer.value.cameras } : answer;
}

export const readPtz = (camera: string): Promise<Result<Ptz>> =>
  request('GET', `/api/cameras/${encodeURIComponent(camera)}/ptz`, undefined, { timeout: 20_000 });

/** Goes out even when the page is being left: a camera must not go on turning. */
export const sendPtz = (camera: string, command: PtzCommand): Promise<Result<void>> =>
  request('POST', `/api/cameras/${encodeURIComponent(camera)}/ptz`, command, { keepalive: true });

export const acknowledgeAlarm = (id: string): Promise<Result<void>> =>
  request('DELETE', `/api/alarms/${encodeURIComponent(id)}`);

/** A picture that was kept, and when it was taken. */
export interface LastPicture {
  blob: Blob;
  /** Unix seconds. */
  time: number;
}

/** The last good picture of a camera; undefined when there is none. */
export async function readLastPicture(camera: string): Promise<LastPicture | undefined> {
  try {
    const response = await fetch(`/api/cameras/${encodeURIComponent(camera)}/last.jpg`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(8_000),
    });
    const time = Number(response.headers.get('x-picture-time'));
    if (!response.ok || !(time > 0)) return undefined;
    return { blob: await response.blob(), time };
  } catch {
    return undefined;
  }
}

/** Whether something answers at that address, whatever it says (another origin's answer cannot be read). */
export async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}
