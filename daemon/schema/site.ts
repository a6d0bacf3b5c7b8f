/** What a box shall be: one file that provisions it, from a stick, from the ESP, or over SSH. */
import { type Static, Type } from 'typebox';
import { UserAdd } from './accounts.ts';
import { Name, strict } from './basics.ts';
import { CameraAdd } from './cameras.ts';
import { FurtherWalls, LayoutBody, Wall } from './layouts.ts';
import { RecordingSettings } from './recordings.ts';
import { Settings } from './settings.ts';

const Host = Type.String({
  pattern: '^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$',
  description: 'One label, without a domain',
  examples: ['wall-lobby'],
});
const Server = Type.String({
  pattern: '^[A-Za-z0-9.:-]{1,253}$',
  description: 'Name or address',
  examples: ['192.168.1.1', 'ntp.example'],
});
const Cidr = Type.String({
  pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$',
  description: 'Address with the length of its prefix',
  examples: ['192.168.1.20/24'],
});
const Address = Type.String({ pattern: '^[0-9a-fA-F.:]+$', examples: ['192.168.1.1'] });

/** DHCP where there is no `address`. */
export const SiteNetwork = Type.Object(
  {
    interface: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9*?_.:-]{1,64}$',
        description:
          'Its name or MAC address, with * and ?; default: every wired one, with `wifi` every wireless one',
        examples: ['enp1s0', '00:60:e0:*'],
      }),
    ),
    vlan: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4094,
        description: 'The addresses are those of this VLAN (802.1Q, tagged)',
      }),
    ),
    address: Type.Optional(Type.Array(Cidr, { minItems: 1, maxItems: 8 })),
    gateway: Type.Optional(Type.Array(Address, { minItems: 1, maxItems: 4 })),
    dns: Type.Optional(Type.Array(Address, { minItems: 1, maxItems: 8 })),
    wifi: Type.Optional(
      Type.Object(
        {
          ssid: Type.String({ minLength: 1, maxLength: 32 }),
          passphrase: Type.Optional(
            Type.String({ minLength: 8, maxLength: 63, description: 'WPA2 or WPA3; none: an open network' }),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type SiteNetwork = Static<typeof SiteNetwork>;

const Login = Type.String({ minLength: 1, maxLength: 128, pattern: '^[!-+\\--~]+$' });

/** Where recordings may go besides the box's own disk: `/media/recordings`, mounted whenever it is there. */
const RecordingDisk = Type.Union([
  Type.Object(
    {
      label: Type.String({
        pattern: '^[A-Za-z0-9_.-]{1,16}$',
        description: 'Of the file system of a USB disk or another one: ext4, exFAT, FAT or NTFS',
        examples: ['RECORDINGS'],
      }),
    },
    strict,
  ),
  Type.Object(
    { nfs: Type.String({ maxLength: 512, description: 'Server and path', examples: ['nas.local:/video'] }) },
    strict,
  ),
  Type.Object(
    {
      smb: Type.String({
        maxLength: 512,
        description: 'Server, share and perhaps a folder in it',
        examples: ['//nas.local/video'],
      }),
      username: Type.Optional(Login),
      password: Type.Optional(Login),
      domain: Type.Optional(Login),
    },
    strict,
  ),
]);

/** The machine beneath Walleye. What is left out stays as it is. */
export const SiteHost = Type.Object(
  {
    hostname: Type.Optional(Host),
    time_zone: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_+/-]{1,64}$',
        description: 'IANA name, of the machine’s clock and of the wall',
      }),
    ),
    ntp: Type.Optional(Type.Array(Server, { minItems: 1, maxItems: 8 })),
    network: Type.Optional(Type.Array(SiteNetwork, { minItems: 1, maxItems: 16 })),
    ca_certificates: Type.Optional(
      Type.Array(Type.String({ maxLength: 20_000, description: 'PEM' }), { maxItems: 32 }),
    ),
    authorized_keys: Type.Optional(
      Type.Array(
        Type.String({
          maxLength: 8_000,
          description: 'Public keys that may log in as root over SSH; none: SSH is off',
        }),
        { maxItems: 64 },
      ),
    ),
    update_source: Type.Optional(
      Type.String({
        pattern: '^https?://',
        maxLength: 2048,
        description: 'Folder with SHA256SUMS, SHA256SUMS.gpg and the files of the versions',
      }),
    ),
    restream: Type.Optional(
      Type.Boolean({
        description: 'Recorders and other walls may take the streams at rtsp://BOX:8554/STREAM; default no',
      }),
    ),
    recording_disk: Type.Optional(
      Type.Union([RecordingDisk, Type.Null()], {
        description:
          'A disk or network share for recordings, mounted at /media/recordings; give that as `folder` of `recording`. null: none any more',
      }),
    ),
    screen_rotation: Type.Optional(
      Type.Integer({ enum: [0, 90, 180, 270], description: 'Degrees, clockwise; of all screens' }),
    ),
    screen_rotation_2: Type.Optional(
      Type.Integer({
        enum: [0, 90, 180, 270],
        description: 'Of the second screen, where it hangs another way than the first',
      }),
    ),
  },
  strict,
);
export type SiteHost = Static<typeof SiteHost>;

export const Site = Type.Object(
  {
    walleye_site: Type.Literal(1, { description: 'Version of this format' }),
    host: Type.Optional(SiteHost),
    settings: Type.Optional(Type.Partial(Settings, strict)),
    users: Type.Optional(Type.Array(UserAdd, { maxItems: 200 })),
    cameras: Type.Optional(
      Type.Array(CameraAdd, {
        maxItems: 256,
        description: 'Known again by `id`, else by `name`. Others that the box has stay',
      }),
    ),
    layouts: Type.Optional(Type.Record(Name, LayoutBody)),
    recording: Type.Optional(RecordingSettings),
    wall: Type.Optional(Wall),
    walls: Type.Optional(FurtherWalls),
  },
  { ...strict, $id: 'Site' },
);
export type Site = Static<typeof Site>;
