/**
 * A whole site on Ethernet of its own: nine cameras, the box with its screen, and a phone. Network namespaces, because only
 * there the box has an address that is not loopback: it then wants to be paired with, and speaks HTTPS.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { type TestHost, TestNetwork } from '../../network/namespaces.ts';
import { launchBrowser } from '../browser.ts';

const MAIN = join(import.meta.dirname, '../../../daemon/main.ts');
const CAMERAS = join(import.meta.dirname, '../../virtual-camera/demo.ts');
const BOX = '10.77.1.1';
const CAMERA_HOST = '10.77.1.11';
/** What the cameras ask for. */
export const CAMERA_LOGIN = { username: 'admin', password: 'Kamera-2026' };

export interface Site {
  /** As a phone on the network opens it. */
  url: string;
  /** As the kiosk opens it, on the box itself. */
  screenUrl: string;
  stateDir: string;
  log: string[];
  /** A browser on the box. */
  screen: Browser;
  /** A browser on another machine. */
  phone: Browser;
  close(): Promise<void>;
}

export async function startSite(options: { cameras: number }): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-site-'));
  const network = await TestNetwork.create();
  const browsers: Browser[] = [];
  const close = async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await network.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await network.bridge('a');
    const at = (address: string) => [{ bridge: 'a', address: `${address}/24` }];
    const cameras = await network.host('cameras', at(CAMERA_HOST));
    const { username, password } = CAMERA_LOGIN;
    const program = cameras.spawn(process.execPath, [
      CAMERAS,
      ...['--cameras', String(options.cameras), '--host', CAMERA_HOST, '--port', '554'],
      ...['--discovery', 'eth0', '--auth', 'digest', '--username', username, '--password', password],
      '--with-parent',
    ]);
    await once(createInterface({ input: program.stdout! }), 'line');
    const box = await network.host('box', at(BOX));
    const stateDir = join(folder, 'state');
    const log = await startBox(box, stateDir);
    const screen = await launchOn(box, folder);
    browsers.push(screen);
    const phone = await launchOn(await network.host('phone', at('10.77.1.50')), folder);
    browsers.push(phone);
    const token = readFileSync(join(stateDir, 'tokens', 'screen'), 'utf8').trim();
    return {
      url: `https://${BOX}:8443`,
      screenUrl: `http://localhost:8080/screen/${token}`,
      stateDir,
      log,
      screen,
      phone,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The daemon as the appliance starts it; answers its log, which goes on growing. */
async function startBox(host: TestHost, stateDir: string): Promise<string[]> {
  const env = {
    ...process.env,
    WALLEYE_STATE_DIR: stateDir,
    WALLEYE_HOST: '0.0.0.0',
    WALLEYE_PORT: '8080',
    WALLEYE_HTTPS_PORT: '8443',
    WALLEYE_BENCHMARK: 'off',
    NOTIFY_SOCKET: '',
  };
  const child = spawn('ip', ['netns', 'exec', host.namespace, process.execPath, MAIN], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  host.owns(child);
  const log: string[] = [];
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes('"listening"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}:\n${log.join('\n')}`)));
  });
  return log;
}

/** Chromium on a host: Playwright starts a script that enters the namespace first. */
async function launchOn(host: TestHost, folder: string): Promise<Browser> {
  const script = join(folder, `chromium-${host.namespace}`);
  writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${host.namespace} /usr/bin/chromium "$@"\n`);
  chmodSync(script, 0o755);
  return launchBrowser([], script);
}
