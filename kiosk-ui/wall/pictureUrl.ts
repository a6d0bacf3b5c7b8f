/**
 * Chromium opens at most six HTTP/1.1 connections to one host and port, so each tile has a loopback address of its own
 * (a tile has two connections while one picture takes another's place). Linux answers on all of 127.0.0.0/8. The
 * page's own address is left to the API. With sixteen addresses a full layout of 64 tiles puts four on each.
 */
export const FIRST_SHARD = 2;
export const SHARDS = 16;

/** How many tiles may play where there is one address only: one of the six connections is left to the API. */
export const TILES_WITHOUT_SHARDS = 5;

/** Whether a page of that host name runs on the box itself. */
export function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]';
}

/** Loopback address for the tile in slot 0, 1, 2…: spread evenly. */
export function shardAddress(slot: number): string {
  return `127.0.0.${FIRST_SHARD + (slot % SHARDS)}`;
}

export interface PictureRequest {
  /** Scheme, host and port, no slash at the end. */
  origin: string;
  stream: string;
  /** Bounds in device pixels. */
  width: number;
  height: number;
  /** page.tile, unique to this one picture. */
  viewer: string;
  paced: boolean;
  /** Lets us in where our cookie does not go; null: not needed. */
  ticket: string | null;
}

export function pictureUrl(request: PictureRequest): string {
  const { origin, stream, width, height, viewer, paced, ticket } = request;
  const query = `width=${width}&height=${height}&viewer=${viewer}${paced ? '&paced=true' : ''}`;
  const pass = ticket === null ? '' : `&ticket=${encodeURIComponent(ticket)}`;
  return `${origin}/api/streams/${encodeURIComponent(stream)}/mjpeg?${query}${pass}`;
}

/** What the API takes as width and height. */
const SMALLEST = 16;
const WIDEST = 7680;
const HIGHEST = 4320;

/**
 * Bounds in device pixels for a tile of that many CSS pixels. Rounded up to multiples of 16, so that tiles that differ
 * by a pixel share one rendition.
 */
export function pictureBounds(
  width: number,
  height: number,
  pixelRatio: number,
): { width: number; height: number } {
  const round = (length: number, most: number) =>
    Math.min(Math.max(Math.ceil((length * pixelRatio) / 16 - 0.01) * 16, SMALLEST), most);
  return { width: round(width, WIDEST), height: round(height, HIGHEST) };
}
