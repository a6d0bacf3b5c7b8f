/** What /etc/walleye/kiosk.env and the tests say. Pure. */

export type Degrees = 0 | 90 | 180 | 270;

export interface KioskSettings {
  compositor: 'weston' | 'cage';
  /** Clockwise; of the first screen, the second and so on. The last one holds for all that follow. */
  rotations: readonly Degrees[];
  /** Connectors whose numbers somebody has fixed: the first is screen 1. */
  pinned: readonly string[];
  /** No monitor at all: for tests. */
  headless: { width: number; height: number; outputs: number } | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error what is wrong, for the journal */
export function readSettings(environment: Environment): KioskSettings {
  const compositor = environment.WALLEYE_COMPOSITOR || 'weston';
  if (compositor !== 'weston' && compositor !== 'cage')
    throw new Error(`WALLEYE_COMPOSITOR=${compositor} is neither weston nor cage`);
  const first = degrees(environment.WALLEYE_ROTATE);
  return {
    compositor,
    rotations: [first, degrees(environment.WALLEYE_ROTATE_2, first)],
    pinned: (environment.WALLEYE_SCREENS ?? '').split(/[\s,]+/).filter((name) => CONNECTOR.test(name)),
    headless: headless(environment),
  };
}

/** As the kernel names them: HDMI-A-1, DP-2, eDP-1. Nothing else gets into weston.ini or a path. */
export const CONNECTOR = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;

/** An angle that is none leaves the screen as it hangs. */
function degrees(text: string | undefined, otherwise: Degrees = 0): Degrees {
  const given = ([0, 90, 180, 270] as const).find((one) => String(one) === text?.trim());
  return given ?? otherwise;
}

function headless({ WALLEYE_HEADLESS, WALLEYE_OUTPUTS }: Environment): KioskSettings['headless'] {
  const size = /^(\d{3,4})x(\d{3,4})$/.exec(WALLEYE_HEADLESS ?? '');
  if (!size) return undefined;
  const outputs = /^[2-4]$/.test(WALLEYE_OUTPUTS ?? '') ? Number(WALLEYE_OUTPUTS) : 1;
  return { width: Number(size[1]), height: Number(size[2]), outputs };
}

export const rotationOf = ({ rotations }: Pick<KioskSettings, 'rotations'>, screen: number): Degrees =>
  rotations[Math.min(screen, rotations.length) - 1] ?? 0;
