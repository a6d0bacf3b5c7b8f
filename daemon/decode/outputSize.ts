/** Smallest edge that we ask of a scaler: mjpeg and the hardware scalers take less, but nobody can see it. */
const MIN_EDGE = 16;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Size of a rendition in pixels: the source fitted inside the bounds, aspect ratio kept, both edges even (4:2:0 chroma),
 * never enlarged and never below 16 (only a source below 16 grows, and a very long one loses its ratio).
 */
export function outputSize(source: Size, bounds: { width?: number; height?: number }): Size {
  const sourceWidth = Math.max(1, source.width);
  const sourceHeight = Math.max(1, source.height);
  const maxWidth = Math.min(bounds.width ?? Number.POSITIVE_INFINITY, sourceWidth);
  const maxHeight = Math.min(bounds.height ?? Number.POSITIVE_INFINITY, sourceHeight);
  const scale = Math.min(maxWidth / sourceWidth, maxHeight / sourceHeight);
  return {
    width: evenWithin(sourceWidth * scale, maxWidth),
    height: evenWithin(sourceHeight * scale, maxHeight),
  };
}

/** The even number nearest to `edge` that does not pass `limit`. */
function evenWithin(edge: number, limit: number): number {
  const nearest = Math.round(edge / 2) * 2;
  return Math.max(MIN_EDGE, nearest > limit ? nearest - 2 : nearest);
}
