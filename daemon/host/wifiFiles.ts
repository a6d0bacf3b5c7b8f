import type { SiteNetwork } from '../schema.ts';
import type { HostFile } from './hostFile.ts';

export const WIFI_FOLDER = '/var/lib/iwd';
/** Names of the networks that we wrote, one a line: those that a newer site file drops are forgotten, others stay. */
export const WIFI_LIST = `${WIFI_FOLDER}/.walleye`;
/** What may stand in that list: `.` appears once, so nothing leads out of the folder. */
export const WIFI_NAME = /^[A-Za-z0-9 _=-]{1,80}\.(psk|open)$/;

/** Files of iwd (iwd.network(5)), one for each Wi-Fi network, and the list of them. */
export function wifiFiles(networks: readonly SiteNetwork[]): HostFile[] {
  const files = networks.flatMap(({ wifi }) => (wifi ? [wifiFile(wifi.ssid, wifi.passphrase)] : []));
  const list = files.map((file) => `${file.path.slice(WIFI_FOLDER.length + 1)}\n`);
  const content = list.length > 0 ? list.join('') : null;
  return [...files, { path: WIFI_LIST, content, mode: 0o600, concerns: 'wifi' }];
}

/** iwd's rule (src/storage.c): letters, digits, blank, `-`, `_`; else `=` and the bytes in hexadecimal. */
export function wifiFileName(ssid: string, secured: boolean): string {
  const name = /^[A-Za-z0-9 _-]+$/.test(ssid) ? ssid : `=${Buffer.from(ssid, 'utf8').toString('hex')}`;
  return `${name}.${secured ? 'psk' : 'open'}`;
}

function wifiFile(ssid: string, passphrase: string | undefined): HostFile {
  const content =
    passphrase === undefined
      ? '[Settings]\nAutoConnect=true\n'
      : `[Security]\nPassphrase=${escaped(passphrase)}\n`;
  return {
    path: `${WIFI_FOLDER}/${wifiFileName(ssid, passphrase !== undefined)}`,
    content,
    mode: 0o600,
    concerns: 'wifi',
    // iwd adds the keys that it derives: as long as ours is in it, the file is right.
    merge: (current) => {
      const lines = current.split('\n');
      return content.split('\n').every((line) => line === '' || lines.includes(line)) ? current : content;
    },
  };
}

/** As ell's l_settings reads values back: blanks at either end are lost unless escaped. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(/^ +| +$/g, (blanks) => '\\s'.repeat(blanks.length));
}
