import type { Camera, Layout, Wall } from '../../daemon/schema.ts';
import { type Result, request } from './request.ts';

export const readWall = (): Promise<Result<Wall>> => request('GET', '/api/wall');

export const readLayout = (name: string): Promise<Result<Layout>> =>
  request('GET', `/api/layouts/${encodeURIComponent(name)}`);

export async function readCameras(): Promise<Result<Camera[]>> {
  const answer = await request<{ cameras: Camera[] }>('GET', '/api/cameras');
  return answer.ok ? { ok: true, value: answer.value.cameras } : answer;
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
