/** Speeds from -1 to 1: right and up are positive, as in ONVIF. */
export interface PtzVector {
  pan: number;
  tilt: number;
}

/** Of the screen's shorter side: a press moves nothing within the first, and is full speed from the second on. */
const DEAD = 0.025;
const FULL = 0.3;
/** Slow near the press point, where people aim. */
const CURVE = 1.6;
/** Many cameras do not move at all below this. */
const SLOWEST = 0.06;

/** How fast to move for a pointer so many CSS pixels away from where it was pressed. Undefined: not at all. */
export function ptzVector(dx: number, dy: number, shortSide: number): PtzVector | undefined {
  const distance = Math.hypot(dx, dy) / shortSide;
  if (distance <= DEAD) return undefined;
  const part = Math.min((distance - DEAD) / (FULL - DEAD), 1);
  const speed = Math.max(part ** CURVE, SLOWEST);
  const length = Math.hypot(dx, dy);
  return { pan: round((dx / length) * speed), tilt: round((-dy / length) * speed) };
}

/** Never -0, which JSON writes as 0 and comparisons tell apart. */
function round(value: number): number {
  return Math.round(value * 100) / 100 || 0;
}
