/**
 * The kiosk: a Wayland compositor, a browser for each screen, and the supervisor that feeds systemd's watchdog while their
 * pages paint. `kiosk` starts it; kiosk.env has its settings.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CAGE_ARGS, cageEnvironment } from './cage.ts';
import { askDaemon } from './daemon.ts';
import { Kiosk, knownScreens } from './kiosk.ts';
import { type Outputs, outputsOf } from './outputs.ts';
import { ask, type Running, start } from './programs.ts';
import { numbered } from './screens.ts';
import { type KioskSettings, readSettings } from './settings.ts';
import type { Told } from './told.ts';
import { westonArgs, westonIni } from './weston.ts';

/** Milliseconds. */
const TICK = 1_000;
const ASK_EVERY = 3_000;
const FEED_EVERY = 5_000;
const SOCKET = 'wayland-0';
const PAGE = join(import.meta.dirname, 'start.html');
const TOKEN = '/run/walleye-screen/token.js';

const { NOTIFY_SOCKET, WATCHDOG_USEC: _usec, WAYLAND_DISPLAY: parent, ...inherited } = process.env;
const runtime = inherited.RUNTIME_DIRECTORY ?? '/run/walleye-kiosk';
const state = inherited.STATE_DIRECTORY && join(inherited.STATE_DIRECTORY, 'screens');
const gpu = existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
const env = {
  ...inherited,
  HOME: join(runtime, 'home'),
  XDG_RUNTIME_DIR: runtime,
  XDG_SESSION_TYPE: 'wayland',
  // No pointer is ever drawn: a theme that has none.
  XCURSOR_PATH: join(import.meta.dirname, 'cursor'),
  XCURSOR_THEME: 'none',
};
const clientEnv = { ...env, WAYLAND_DISPLAY: SOCKET };
const say = (sentence: string) => console.error(sentence);

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  mkdirSync(env.HOME, { recursive: true, mode: 0o700 });
  const socket = join(runtime, SOCKET);
  const known = state ? knownScreens.read(state) : [];
  const outputs = outputsOf(settings, known, { socket, env: clientEnv });
  outputs.release();
  outputs.read();
  remember(outputs, known);
  const ini = iniOf(settings, outputs);
  const compositor = startCompositor(settings, ini);
  const kiosk = new Kiosk({ outputs, page: PAGE, runtime, env: clientEnv, gpu, say });
  const ending = Promise.withResolvers<number>();
  let ended = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.resolve(0));
  void compositor.ended.then(() => ending.resolve(1));
  void ending.promise.then(() => {
    ended = true;
  });

  void run().catch((error: unknown) => {
    console.error(error);
    ending.resolve(1);
  });
  const code = await ending.promise;
  await kiosk.close();
  await compositor.stop();
  process.exit(code);

  async function run(): Promise<void> {
    while (!existsSync(socket) && !ended) await sleep(200);
    await notify('--ready', '--status=waits for the wall');
    let told: { at: number; screens: Told[] | undefined } = { at: -Infinity, screens: undefined };
    let fedAt = -Infinity;
    while (!ended) {
      const now = performance.now();
      if (now - told.at >= ASK_EVERY) told = { at: now, screens: await askDaemon(TOKEN) };
      const late = (performance.now() - told.at) / 1000;
      const { well, status } = await kiosk.tick(
        told.screens?.map((one) => ({
          ...one,
          silent: one.silent === undefined ? undefined : one.silent + late,
        })),
      );
      remember(outputs, known);
      if (settings.compositor === 'weston' && iniOf(settings, outputs) !== ini) {
        say('the screens are others than weston was started with');
        ending.resolve(1);
      }
      if (performance.now() - fedAt >= FEED_EVERY) {
        fedAt = performance.now();
        await notify(...(well ? ['WATCHDOG=1'] : []), `--status=${status}`);
      }
      await sleep(TICK);
    }
  }
}

function startCompositor(settings: KioskSettings, ini: string): Running {
  if (settings.compositor === 'cage') {
    const wlroots = cageEnvironment(gpu, settings.headless !== undefined);
    return start('cage', CAGE_ARGS, { ...env, ...wlroots });
  }
  const file = join(runtime, 'weston.ini');
  writeFileSync(file, ini);
  // Only where it runs within another compositor.
  const within = settings.headless && parent ? { WAYLAND_DISPLAY: parent } : {};
  return start('weston', westonArgs(settings, { ini: file, socket: SOCKET, gpu }), { ...env, ...within });
}

function iniOf(settings: KioskSettings, { names, known }: Outputs): string {
  const screenOf = (name: string) => numbered(known, [...known, name], settings.pinned).indexOf(name) + 1;
  return westonIni(settings, { connectors: names, screenOf, page: PAGE });
}

/** Written when it changes, which is when a monitor is plugged into a connector for the first time. */
function remember(outputs: Outputs, known: string[]): void {
  if (!state || outputs.known.join() === known.join()) return;
  known.splice(0, known.length, ...outputs.known);
  knownScreens.write(state, known);
}

async function notify(...words: string[]): Promise<void> {
  if (NOTIFY_SOCKET) await ask('systemd-notify', words, { env: { ...env, NOTIFY_SOCKET } });
}

await main();
