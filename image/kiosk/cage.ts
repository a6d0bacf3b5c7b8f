/** Cage's command line, and that of wlr-randr, which tells it of outputs. Pure. One screen: cage puts all windows on one. */
import type { Degrees } from './settings.ts';

/** The window comes from the kiosk, and cage ends with the program that it was started with: one that never ends. */
export const CAGE_ARGS: readonly string[] = ['-s', '-m', 'last', '--', 'sleep', 'infinity'];

/** i915 stands still under load without the first two (wlroots 0.18). */
export function cageEnvironment(gpu: boolean, headless: boolean): Record<string, string> {
  return {
    WLR_DRM_NO_ATOMIC: '1',
    WLR_DRM_NO_MODIFIERS: '1',
    WLR_LIBINPUT_NO_DEVICES: '1',
    ...(gpu && !headless ? {} : { WLR_RENDERER: 'pixman' }),
    ...(headless ? { WLR_BACKENDS: 'headless' } : {}),
  };
}

/** What wlroots calls its output where there is no connector. */
export const CAGE_HEADLESS = 'HEADLESS-1';

export const powerArgs = (connector: string, on: boolean): string[] => [
  '--output',
  connector,
  on ? '--on' : '--off',
];

/** Wayland counts against the clock (wl_output.transform), our settings with it. */
export function rotateArgs(connector: string, degrees: Degrees): string[] {
  const counted = (360 - degrees) % 360;
  return ['--output', connector, '--transform', counted === 0 ? 'normal' : String(counted)];
}
