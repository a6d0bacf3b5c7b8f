import type { Camera, CameraStream, StreamState } from '../schema.ts';

/** These do not become live by looking. */
const OFF: readonly StreamState[] = ['stopped', 'ended'];

/**
 * The stream that costs least and is wide enough; where none is, the widest. Those whose size is not known yet come in
 * their own order, the best picture first. Pure.
 * @returns undefined when all are switched off
 */
export function smallStream({ streams }: Pick<Camera, 'streams'>, width: number): CameraStream | undefined {
  const on = streams.filter(({ state }) => !OFF.includes(state));
  const enough = on.filter((stream) => (stream.width ?? 0) >= width);
  if (enough.length > 0) return enough.reduce((best, one) => (area(one) < area(best) ? one : best));
  const sized = on.filter((stream) => stream.width !== null);
  if (sized.length === on.length && on.length > 0)
    return on.reduce((best, one) => (area(one) > area(best) ? one : best));
  return on.find(({ profile }) => profile === 'sub') ?? on[0];
}

function area({ width, height }: CameraStream): number {
  return (width ?? 0) * (height ?? 0);
}
