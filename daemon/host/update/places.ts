import { join } from 'node:path';

/** Where things lie on an appliance. Tests have another root. */
export interface Places {
  /** What root tells of updates, and what it keeps for them. */
  state: string;
  /** Of this start of the machine. */
  run: string;
  /** Where the daemon leaves orders, and root's own command line. */
  orders: { daemon: string; root: string };
  /** systemd-sysupdate's, with a source that is none: the site's is put in. */
  definitions: string;
  /** The first that is there is systemd-pull's (`verify_gpg()` of its pull-common.c) and ours. */
  keyrings: readonly string[];
  osRelease: string;
  /** Environment files: where updates come from, how long they have to prove themselves, of the daemon. */
  settings: { update: string; health: string; daemon: string };
  /** The daemon's: what to sign in with. */
  tokens: string;
  /** The site's certificates, and the version for which they were last put beside the image's. */
  certificates: { folder: string; builtFor: string };
  efiVariables: string;
}

export function placesBelow(root = '/'): Places {
  const at = (path: string) => join(root, path);
  return {
    state: at('/var/lib/walleye-update'),
    run: at('/run/walleye-update'),
    orders: { daemon: at('/var/lib/walleye/orders'), root: at('/run/walleye-orders') },
    definitions: at('/usr/lib/sysupdate.d'),
    keyrings: [at('/etc/systemd/import-pubring.gpg'), at('/usr/lib/systemd/import-pubring.gpg')],
    osRelease: at('/usr/lib/os-release'),
    settings: {
      update: at('/etc/walleye/update.env'),
      health: at('/etc/walleye/health.env'),
      daemon: at('/etc/walleye/walleye.env'),
    },
    tokens: at('/var/lib/walleye/tokens'),
    certificates: {
      folder: at('/etc/walleye/ca'),
      builtFor: at('/var/lib/walleye-update/certificates-version'),
    },
    efiVariables: at('/sys/firmware/efi/efivars'),
  };
}

/** What walleye-update-stick.service copied and checked, and what is being installed: both root's alone. */
export const stickFolder = ({ state }: Places) => join(state, 'stick');
export const filesFolder = ({ state }: Places) => join(state, 'files');
export const stateFile = ({ state }: Places) => join(state, 'state.json');
export const beforeFile = ({ state }: Places) => join(state, 'before.json');
/** The version that did not prove itself: no stick brings it again by itself. */
export const leftFile = ({ state }: Places) => join(state, 'left');
