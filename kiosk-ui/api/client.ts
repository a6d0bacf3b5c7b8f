import type { Camera, ErrorBody, Layout, Wall } from '../../daemon/schema.ts';

/** Milliseconds. The daemon answers these from memory; one that takes longer is hung. */
const TIMEOUT = 8_000;

/** `status` is undefined when there was no answer at all. */
export type Result<T> =
  | { ok: true; value: T }
  | { ok: false; status: number | undefined; code: string; message: string };

async function read<T>(path: string): Promise<Result<T>> {
  try {
    const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT) });
    if (response.ok) return { ok: true, value: (await response.json()) as T };
    const { error } = (await response.json().catch(() => ({}))) as Partial<ErrorBody>;
    return {
      ok: false,
      status: response.status,
      code: error?.code ?? 'unknown',
      message: error?.message ?? response.statusText,
    };
  } catch (error) {
    return { ok: false, status: undefined, code: 'unreachable', message: String(error) };
  }
}

export const readWall = (): Promise<Result<Wall>> => read('/api/wall');

export const readLayout = (name: string): Promise<Result<Layout>> =>
  read(`/api/layouts/${encodeURIComponent(name)}`);

export async function readCameras(): Promise<Result<Camera[]>> {
  const answer = await read<{ cameras: Camera[] }>('/api/cameras');
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
