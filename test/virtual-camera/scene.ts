/**
 * The still part of a virtual camera's picture and the things that move through it, drawn once per clip in plain
 * pixels. Pure: no I/O. Every camera gets its own hue and its own seed, so that nine tiles can be told apart.
 */

import { Canvas, hsl, type Picture, type Rgb } from './canvas.ts';

export type SceneKind = 'street' | 'hall';

/** The background, `hue` in degrees; the same arguments always give the same pixels. */
export function drawScene(
  kind: SceneKind,
  hue: number,
  seed: number,
  width: number,
  height: number,
): Picture {
  const canvas = new Canvas(width, height);
  const random = randomFrom(seed);
  if (kind === 'street') drawStreet(canvas, hue, random);
  else drawHall(canvas, hue, random);
  return canvas.picture();
}

/** Something that moves: a car for the street, a person for the hall. RGBA, `height` pixels high. */
export function drawMover(kind: SceneKind, hue: number, height: number): Picture {
  return kind === 'street' ? drawCar(hue, height) : drawPerson(hue, height);
}

/** Seeded random numbers in [0, 1) (mulberry32): a fault or a picture must be the same in every run. */
export function randomFrom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function drawStreet(canvas: Canvas, hue: number, random: () => number): void {
  const horizon = 0.6;
  canvas.gradient(0, horizon, hsl(hue, 0.5, 0.2), hsl(hue + 30, 0.62, 0.62));
  canvas.glow(0.15 + random() * 0.7, 0.32 + random() * 0.12, 0.055, hsl(hue + 40, 0.9, 0.88));
  skyline(canvas, random, horizon, 0.34, hsl(hue + 10, 0.35, 0.34), undefined);
  skyline(canvas, random, horizon, 0.24, hsl(hue, 0.4, 0.17), hsl(48, 0.9, 0.7));
  canvas.gradient(horizon, 0.66, hsl(hue, 0.16, 0.45), hsl(hue, 0.14, 0.38));
  canvas.gradient(0.66, 1, hsl(hue, 0.12, 0.2), hsl(hue, 0.1, 0.29));
  canvas.box(0, 0.655, 1, 0.668, hsl(hue, 0.1, 0.6));
  for (let i = 0; i < 12; i++) canvas.box(i / 12, 0.8, i / 12 + 0.045, 0.812, hsl(50, 0.5, 0.8));
  canvas.box(0, 0.95, 1, 0.962, hsl(hue, 0.1, 0.65));
  for (const x of [0.12, 0.5, 0.88]) {
    canvas.box(x - 0.003, 0.36, x + 0.003, 0.66, hsl(hue, 0.1, 0.1));
    canvas.glow(x, 0.36, 0.014, hsl(50, 1, 0.85));
  }
}

function skyline(
  canvas: Canvas,
  random: () => number,
  base: number,
  top: number,
  wall: Rgb,
  window?: Rgb,
): void {
  for (let x = -0.02; x < 1; ) {
    const width = 0.05 + random() * 0.08;
    const height = (base - top) * (0.35 + random() * 0.65);
    canvas.box(x, base - height, x + width, base, wall);
    for (let wy = base - height + 0.025; window && wy < base - 0.04; wy += 0.038) {
      for (let wx = x + 0.012; wx < x + width - 0.012; wx += 0.019) {
        if (random() < 0.45) canvas.box(wx, wy, wx + 0.009, wy + 0.018, window);
      }
    }
    x += width + random() * 0.02;
  }
}

function drawHall(canvas: Canvas, hue: number, random: () => number): void {
  const [left, top, right, bottom] = [0.36, 0.34, 0.64, 0.64];
  canvas.quad(
    [
      [0, 0],
      [1, 0],
      [right, top],
      [left, top],
    ],
    hsl(hue, 0.18, 0.72),
  );
  canvas.quad(
    [
      [0, 1],
      [1, 1],
      [right, bottom],
      [left, bottom],
    ],
    hsl(hue, 0.3, 0.4),
  );
  canvas.quad(
    [
      [0, 0],
      [left, top],
      [left, bottom],
      [0, 1],
    ],
    hsl(hue, 0.42, 0.58),
  );
  canvas.quad(
    [
      [1, 0],
      [right, top],
      [right, bottom],
      [1, 1],
    ],
    hsl(hue, 0.42, 0.5),
  );
  canvas.box(left, top, right, bottom, hsl(hue, 0.4, 0.66));
  canvas.box(0.45, 0.42, 0.55, bottom, hsl(hue + 180, 0.35, 0.34));
  canvas.box(0.535, 0.53, 0.542, 0.545, hsl(50, 0.9, 0.7));
  // Depth t: 0 at the camera, 1 at the back wall.
  const at = (edge: number, back: number, t: number) => edge + (back - edge) * t;
  for (const t of [0.1, 0.42, 0.66, 0.84]) {
    const u = t + 0.1 * (1 - t);
    canvas.quad(
      [
        [at(0.38, 0.46, t), at(0, top, t)],
        [at(0.62, 0.54, t), at(0, top, t)],
        [at(0.62, 0.54, u), at(0, top, u)],
        [at(0.38, 0.46, u), at(0, top, u)],
      ],
      [255, 252, 235],
    );
    canvas.quad(
      [
        [at(0, left, t), at(1, bottom, t)],
        [at(1, right, t), at(1, bottom, t)],
        [at(1, right, t + 0.012), at(1, bottom, t + 0.012)],
        [at(0, left, t + 0.012), at(1, bottom, t + 0.012)],
      ],
      hsl(hue, 0.3, 0.3),
    );
  }
  for (const t of [0.12, 0.5, 0.76]) {
    const u = t + 0.42 * (1 - t) * 0.6;
    const door = hsl(hue + 150 + random() * 60, 0.4, 0.36);
    for (const [edge, back] of [
      [0, left],
      [1, right],
    ] as const) {
      const high = (s: number) => at(1, bottom, s) - at(0.72, 0.21, s);
      canvas.quad(
        [
          [at(edge, back, t), high(t)],
          [at(edge, back, u), high(u)],
          [at(edge, back, u), at(1, bottom, u)],
          [at(edge, back, t), at(1, bottom, t)],
        ],
        door,
      );
    }
  }
}

function drawCar(hue: number, height: number): Picture {
  const width = Math.round(height * 2.3);
  const body = hsl(hue, 0.75, 0.52);
  return sprite(width, height, (x, y) => {
    const px = x * 2.3;
    for (const wheel of [0.52, 1.78]) {
      const d = Math.hypot(px - wheel, y - 0.82);
      if (d < 0.09) return [190, 190, 195];
      if (d < 0.18) return [18, 18, 22];
    }
    if (inside(px, y, 1.1, 0.34, 0.5, 0.16, 0.12)) {
      return Math.abs(px - 1.1) < 0.03 ? body : [190, 215, 235];
    }
    if (inside(px, y, 1.1, 0.34, 0.62, 0.24, 0.2)) return body;
    if (inside(px, y, 2.14, 0.6, 0.07, 0.05, 0.04)) return [255, 245, 190];
    if (inside(px, y, 1.15, 0.64, 1.1, 0.2, 0.14)) return body;
    return undefined;
  });
}

function drawPerson(hue: number, height: number): Picture {
  const width = Math.round(height * 0.42);
  const coat = hsl(hue, 0.7, 0.45);
  return sprite(width, height, (x, y) => {
    const px = x * 0.42;
    if (Math.hypot(px - 0.21, y - 0.1) < 0.085) return [226, 182, 150];
    if (inside(px, y, 0.21, 0.4, 0.14, 0.2, 0.09)) return coat;
    if (inside(px, y, 0.14, 0.78, 0.055, 0.2, 0.05) || inside(px, y, 0.28, 0.78, 0.055, 0.2, 0.05))
      return [34, 38, 52];
    return undefined;
  });
}

/** True inside the rounded box with centre (cx, cy), half sizes (hx, hy) and corner radius r. */
function inside(x: number, y: number, cx: number, cy: number, hx: number, hy: number, r: number): boolean {
  const dx = Math.max(0, Math.abs(x - cx) - hx + r);
  const dy = Math.max(0, Math.abs(y - cy) - hy + r);
  return Math.hypot(dx, dy) <= r;
}

/** Samples `colour` (coordinates 0…1) four times a pixel, for soft edges. */
function sprite(width: number, height: number, colour: (x: number, y: number) => Rgb | undefined): Picture {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const sum = [0, 0, 0];
    let hits = 0;
    for (const [ox, oy] of [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ] as const) {
      const c = colour(((i % width) + ox) / width, (Math.floor(i / width) + oy) / height);
      if (!c) continue;
      hits++;
      for (let k = 0; k < 3; k++) sum[k]! += c[k]!;
    }
    for (let k = 0; k < 3; k++) data[i * 4 + k] = hits ? sum[k]! / hits : 0;
    data[i * 4 + 3] = (hits * 255) / 4;
  }
  return { width, height, channels: 4, data };
}
