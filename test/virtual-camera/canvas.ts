/** Flat drawing into a block of RGB pixels. Pure: no I/O. */

/** Pixels, `channels` bytes each (3 = RGB, 4 = RGBA), rows packed. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

export type Rgb = readonly [number, number, number];
type Point = readonly [number, number];

/** Draws in coordinates 0…1 in both directions. */
export class Canvas {
  private readonly width: number;
  private readonly height: number;
  private readonly data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height * 3);
  }

  picture(): Picture {
    return { width: this.width, height: this.height, channels: 3, data: this.data };
  }

  box(x0: number, y0: number, x1: number, y1: number, colour: Rgb): void {
    this.quad(
      [
        [x0, y0],
        [x1, y0],
        [x1, y1],
        [x0, y1],
      ],
      colour,
    );
  }

  gradient(y0: number, y1: number, from: Rgb, to: Rgb): void {
    const first = Math.round(y0 * this.height);
    const last = Math.round(y1 * this.height);
    for (let y = first; y < last; y++) {
      const t = (y - first) / (last - first);
      this.span(y, 0, this.width, [0, 1, 2].map((k) => from[k]! + (to[k]! - from[k]!) * t) as unknown as Rgb);
    }
  }

  /** A disc (radius in picture heights) in a soft halo. */
  glow(x: number, y: number, radius: number, colour: Rgb): void {
    const r = radius * this.height;
    const reach = Math.ceil(r * 4);
    const cx = Math.round(x * this.width);
    const cy = Math.round(y * this.height);
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const far = Math.hypot(dx, dy) / r;
        const px = cx + dx;
        if (far > 4 || px < 0 || px >= this.width || cy + dy < 0 || cy + dy >= this.height) continue;
        const strength = far <= 1 ? 1 : 0.5 * ((4 - far) / 3) ** 2;
        const at = ((cy + dy) * this.width + px) * 3;
        for (let k = 0; k < 3; k++)
          this.data[at + k] = this.data[at + k]! + (colour[k]! - this.data[at + k]!) * strength;
      }
    }
  }

  /** A convex quadrilateral; its corners in order around it. */
  quad(shape: readonly Point[], colour: Rgb): void {
    const corners = shape.map(([x, y]) => [x * this.width, y * this.height] as const);
    const top = Math.max(0, Math.round(Math.min(...corners.map(([, y]) => y))));
    const bottom = Math.min(this.height, Math.round(Math.max(...corners.map(([, y]) => y))));
    for (let row = top; row < bottom; row++) {
      let left = Number.POSITIVE_INFINITY;
      let right = Number.NEGATIVE_INFINITY;
      corners.forEach(([x0, y0], i) => {
        const [x1, y1] = corners[(i + 1) % corners.length]!;
        const y = row + 0.5;
        if (y0 === y1 || y < Math.min(y0, y1) || y > Math.max(y0, y1)) return;
        const x = x0 + ((x1 - x0) * (y - y0)) / (y1 - y0);
        left = Math.min(left, x);
        right = Math.max(right, x);
      });
      this.span(row, Math.round(left), Math.round(right), colour);
    }
  }

  private span(row: number, left: number, right: number, colour: Rgb): void {
    for (let x = Math.max(0, left); x < Math.min(this.width, right); x++)
      this.data.set(colour, (row * this.width + x) * 3);
  }
}

/** A colour from hue (degrees, any), saturation and lightness (0…1). */
export function hsl(hue: number, saturation: number, lightness: number): Rgb {
  const a = saturation * Math.min(lightness, 1 - lightness);
  const part = (n: number) => {
    const k = (n + (((hue % 360) + 360) % 360) / 30) % 12;
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}
