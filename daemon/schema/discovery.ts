/** The search for cameras. */
import { type Static, Type } from 'typebox';
import { Name, Nullable, Password, strict, Username } from './basics.ts';
import { OnvifDescription } from './cameras.ts';

export const DiscoveredDevice = Type.Object({
  id: Type.String({ description: 'Endpoint reference, else MAC, else address' }),
  address: Type.String({ description: 'IPv4 address that answered' }),
  onvif_url: Nullable(Type.String()),
  xaddrs: Type.Array(Type.String(), { description: 'All service addresses, the likeliest first' }),
  name: Nullable(Type.String()),
  hardware: Nullable(Type.String()),
  location: Nullable(Type.String()),
  mac: Nullable(Type.String()),
  manufacturer: Nullable(Type.String()),
  via: Type.Array(Type.Union([Type.Literal('ws-discovery'), Type.Literal('ssdp')])),
  interface: Type.String({ description: 'That heard it; `routed`: in another network' }),
  camera: Nullable(Name),
  make: Nullable(
    Type.String({ description: 'Manufacturer in lower case, as credentials are remembered by it' }),
  ),
  /** found: not asked for · asking · added · needs_password · failed · left_out: removed again in this search */
  adoption: Type.Enum(['found', 'asking', 'added', 'needs_password', 'failed', 'left_out']),
  onvif: Nullable(OnvifDescription),
  onvif_error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
});
export type DiscoveredDevice = Static<typeof DiscoveredDevice>;

export const DiscoveryStart = Type.Object(
  {
    seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 60, default: 5 })),
    networks: Type.Optional(
      Type.Array(Type.String({ maxLength: 18 }), {
        maxItems: 64,
        description:
          'Other networks, where no multicast gets to: addresses (`192.168.20.17`) and networks (`192.168.20.0/24`) whose ' +
          'addresses are asked one by one, 1024 at most',
      }),
    ),
    username: Type.Optional(Username),
    password: Type.Optional(Password),
    adopt: Type.Optional(
      Type.Boolean({
        description: 'Add each camera that lets us in, trying remembered credentials of its make once each',
      }),
    ),
  },
  strict,
);
export type DiscoveryStart = Static<typeof DiscoveryStart>;

/** Tried once on each of the devices, remembered for their makes when one of them lets us in. */
export const DiscoveryCredentials = Type.Object(
  {
    devices: Type.Array(Type.String({ maxLength: 512 }), { minItems: 1, maxItems: 512 }),
    username: Type.String({ minLength: 1, maxLength: 256 }),
    password: Type.String({ maxLength: 256 }),
  },
  strict,
);
export type DiscoveryCredentials = Static<typeof DiscoveryCredentials>;

/** Credentials that opened a camera of that make, tried on the next one. The password is not told. */
export const RememberedCredential = Type.Object({
  id: Type.Integer(),
  make: Nullable(Type.String()),
  username: Type.String(),
  cameras: Type.Integer({ description: 'How many they have opened' }),
});
export type RememberedCredential = Static<typeof RememberedCredential>;

export const UsbCamera = Type.Object({
  name: Type.String({ description: 'What it calls itself' }),
  url: Type.String({ description: 'As `rtsp_url` of a camera that is added: `v4l2:///dev/v4l/by-id/…`' }),
  camera: Nullable(Name),
});
export type UsbCamera = Static<typeof UsbCamera>;

export const UsbCameraList = Type.Object({ cameras: Type.Array(UsbCamera) });
export type UsbCameraList = Static<typeof UsbCameraList>;

export const Discovery = Type.Object({
  running: Type.Boolean(),
  started: Nullable(Type.Number({ description: 'Unix seconds' })),
  seconds: Type.Number(),
  interfaces: Type.Array(Type.String()),
  problems: Type.Array(Type.String(), { description: 'Interfaces that could not be searched, and why' }),
  devices: Type.Array(DiscoveredDevice),
});
export type Discovery = Static<typeof Discovery>;
