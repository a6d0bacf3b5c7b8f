/** Weston's configuration and command line. Pure. */
import { type Degrees, type KioskSettings, rotationOf } from './settings.ts';

/**
 * What kiosk-shell knows the window of a connector by (`app-ids=`, weston 14.0 kiosk-shell.c
 * `kiosk_shell_surface_find_best_output`). A window of Chromium's `--app` names itself after its address and its profile
 * (`chrome-_<path>-<profile>`, seen with 156); one without `--app` takes `--class`. Both are listed.
 *
 * @param page path of the page that it opens first
 */
export function appIds(connector: string, page: string): string[] {
  return [classOf(connector), `chrome-_${page.replaceAll('/', '_')}-${connector}`];
}

export const classOf = (connector: string): string => `walleye-${connector}`;

export interface WestonScreens {
  /** All connectors of the machine, with a monitor or without: weston reads its configuration once. */
  connectors: readonly string[];
  /** The number of a connector's screen, or the one that it would get. */
  screenOf: (connector: string) => number;
  page: string;
}

export function westonIni(settings: KioskSettings, { connectors, screenOf, page }: WestonScreens): string {
  const { headless } = settings;
  const outputs = connectors.map((name) => {
    const lines = ['[output]', `name=${name}`, `app-ids=${appIds(name, page).join(',')}`];
    if (headless) lines.push(`mode=${headless.width}x${headless.height}`);
    lines.push(`transform=${transform(rotationOf(settings, screenOf(name)))}`);
    return `${lines.join('\n')}\n`;
  });
  return `[core]
shell=kiosk
idle-time=0
require-input=false
require-outputs=none
xwayland=false
[shell]
background-color=0xff0b0d10
[keyboard]
vt-switching=false
${outputs.join('')}`;
}

function transform(degrees: Degrees): string {
  return degrees === 0 ? 'normal' : `rotate-${degrees}`;
}

/** @param gpu there is a render node: without one the software renderer costs half of what software GL does */
export function westonArgs(
  { headless }: Pick<KioskSettings, 'headless'>,
  { ini, socket, gpu }: { ini: string; socket: string; gpu: boolean },
): string[] {
  const common = [`--config=${ini}`, `--socket=${socket}`];
  if (!headless) return [...common, '--backend=drm', ...(gpu ? [] : ['--renderer=pixman'])];
  // `--debug` lets weston-screenshooter in.
  const rest = ['--renderer=pixman', '--debug'];
  // The headless backend has one output. Several are windows in the compositor of WAYLAND_DISPLAY.
  if (headless.outputs > 1)
    return [...common, '--backend=wayland', `--output-count=${headless.outputs}`, ...rest];
  return [
    ...common,
    '--backend=headless',
    `--width=${headless.width}`,
    `--height=${headless.height}`,
    ...rest,
  ];
}

/** What weston calls its outputs where there are no connectors. */
export function headlessOutputs({ outputs }: { outputs: number }): string[] {
  return outputs === 1 ? ['headless'] : Array.from({ length: outputs }, (_, index) => `wayland${index}`);
}
