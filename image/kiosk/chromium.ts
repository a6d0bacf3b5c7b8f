/** Chromium's command line: nothing of a browser about it, and its sandbox stays on. Pure. */
import { classOf } from './weston.ts';

export interface Window {
  screen: number;
  connector: string;
  /** On tmpfs and new at each start: no crash bubble, no lock left behind, no worn flash. */
  folder: string;
  /** Path of start.html. */
  page: string;
  /** There is a render node. */
  gpu: boolean;
  /** On no output at all. */
  hidden: boolean;
}

/**
 * One browser for each screen: 67 MB more than a second window of the first one, and for that each can be ended, started
 * and found too large alone. `--app` saves 41 MB, the renderer of a tab strip that nobody sees (both seen with 156).
 */
export function chromiumArgs({ screen, connector, folder, page, gpu, hidden }: Window): string[] {
  return [
    ...(hidden ? ['--headless'] : ['--ozone-platform=wayland', '--kiosk']),
    `--app=file://${page}#${screen}`,
    // By these the compositor knows which output the window belongs to: weston.ts.
    `--class=${classOf(connector)}`,
    `--profile-directory=${connector}`,
    `--user-data-dir=${folder}`,
    ...FLAGS,
    // Software GL costs twice what the compositor in software does.
    ...(gpu && !hidden ? [] : ['--disable-gpu']),
  ];
}

const FLAGS = [
  '--force-device-scale-factor=1',
  '--disk-cache-size=1048576',
  '--no-first-run',
  '--noerrdialogs',
  '--disable-session-crashed-bubble',
  '--hide-crash-restore-bubble',
  '--disable-component-update',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-sync',
  '--log-level=3',
  '--disable-pinch',
  '--overscroll-history-navigation=0',
  '--password-store=basic',
  '--autoplay-policy=no-user-gesture-required',
  // One page for months: memory stays flat without V8's optimizing compilers.
  '--js-flags=--no-opt,--no-maglev',
  '--renderer-process-limit=1',
  '--process-per-site',
  // The daemon decodes. Chromium on Intel's old driver hangs (i965 2.4.1, Bay Trail).
  '--disable-accelerated-video-decode',
  // Chromium keeps the last of a repeated switch only.
  '--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication',
];
