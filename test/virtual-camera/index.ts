/**
 * Virtual cameras: one process plays many cameras for tests, the demo and the bench.
 *
 *   clip.ts (ffmpeg, once, cached) ──► liveChannel.ts (one clock a profile) ──► rtpSender.ts (one a session)
 *                                                              rtspServer.ts ──► rtspConnection.ts ──┘
 *   cameraServices.ts ──► onvifService.ts, discoveryResponder.ts
 *
 * The clock in the pictures is the clip's running time (mm:ss.frame) and its frame number, not the time of day: clips
 * are played in a loop by copy.
 */
import { join } from 'node:path';
import { AUTH_KINDS, type AuthKind } from './auth.ts';
import { Camera, type CameraStats } from './camera.ts';
import { addDiscovery, addOnvif } from './cameraServices.ts';
import { type Clip, prepareClips } from './clip.ts';
import { type ClipParameters, type EncoderTools, findEncoderTools } from './encode.ts';
import type { EventService } from './eventService.ts';
import { type Fault, PROFILES, type Profile } from './fault.ts';
import { VirtualPtz, type VirtualPtzOptions } from './ptz.ts';
import { RtspServer } from './rtspServer.ts';
import type { SceneKind } from './scene.ts';

export type { AuthKind } from './auth.ts';
export type { CameraStats } from './camera.ts';
export type { Fault, Profile } from './fault.ts';
export { lumaFromRgba, readFrameStamp } from './frameStamp.ts';

export interface VirtualCameraSpec {
  /** Shown in the picture. */
  readonly name: string;
  /** In the URL; default: the name in lower case with `-` for what is no letter or digit. */
  readonly id?: string;
  readonly auth?: AuthKind;
  /** Default `admin`. */
  readonly username?: string;
  /** Default `camera`. */
  readonly password?: string;
  /** Refuse a quoted `qop` (Panasonic). */
  readonly strictAuth?: boolean;
  /** Seconds between key frames, default 1. */
  readonly gop?: number;
  /** Length of the clip, seconds, default 20; rounded up to whole GOPs. */
  readonly seconds?: number;
  /** Frames per second, default 15. */
  readonly fps?: number;
  /** Size of the large stream, default 1280×720. */
  readonly mainSize?: { readonly width: number; readonly height: number };
  /** Kilobits a second of the large stream; default: as its pictures need. */
  readonly mainKbps?: number;
  /** Size of the small stream, default 640×360. */
  readonly subSize?: { readonly width: number; readonly height: number };
  /** Slices per picture, default 1. */
  readonly slices?: number;
  readonly scene?: SceneKind;
  /** Colour in degrees; default by position in the list. */
  readonly hue?: number;
  /** An address, or a port, of its own: then `refuse` and `reboot` really close the port. 0: the kernel chooses. */
  readonly host?: string;
  readonly port?: number;
  /** Seconds, default 60; 0: none is named in the Session header (60 holds). */
  readonly sessionTimeout?: number;
  /** Sessions begin at a key frame; default false, as with real cameras. */
  readonly startAtKey?: boolean;
  /** Its SDP offers sound, G.711 A-law; nobody here takes it. */
  readonly audio?: boolean;
  /** It can be moved over ONVIF; options: how it misbehaves. */
  readonly ptz?: boolean | VirtualPtzOptions;
}

export interface VirtualCamerasOptions {
  readonly cameras: readonly VirtualCameraSpec[];
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The shared RTSP port; default 0: the kernel chooses. */
  readonly port?: number;
  /** Answer WS-Discovery and SSDP on these interfaces (names or IPv4 addresses); default: on none. */
  readonly discovery?: { readonly interfaces: readonly string[] };
  /** Default `.cache/virtual-camera` in the repository. */
  readonly cacheDir?: string;
  /** Told what takes long (encoding the first time) and what is missing. */
  readonly progress?: (message: string) => void;
  /** Gives up encoding; once the cameras run, `close()` ends them. */
  readonly signal?: AbortSignal;
}

export interface VirtualCamera {
  readonly id: string;
  readonly name: string;
  readonly auth: AuthKind;
  readonly username: string;
  readonly password: string;
  readonly stats: Readonly<CameraStats>;
  /** The ONVIF device service; wants the same login as RTSP. */
  readonly onvifUrl: string;
  /** The same, and the names of the calls that came. */
  readonly onvif: { readonly url: string; readonly calls: readonly string[] };
  /** Its motors: where they are, what they were told. */
  readonly ptz: VirtualPtz | undefined;
  /** What the camera notices, for those who have subscribed over ONVIF; undefined while the camera is off. */
  readonly events: EventService | undefined;
  /** Without credentials. */
  rtspUrl(profile: Profile): string;
  /** Frames in the clip: stamps count from 0 to this, exclusive, and begin again. */
  frames(profile: Profile): number;
  readonly fps: number;
  /** Puts a fault in force on top of those that already are; resolves when it is (at once but for `resolution`). */
  fault(fault: Fault): Promise<void>;
  /** Ends all lasting faults. */
  clearFaults(): Promise<void>;
  readonly faults: Fault;
  /**
   * When the picture with this stamp last left, Unix milliseconds with fractions
   * (`performance.timeOrigin + performance.now()`); undefined when it never did. A number comes round again after
   * the clip's length, so ask within that time.
   */
  sentAt(profile: Profile, stamp: number): number | undefined;
}

export interface VirtualCameras {
  readonly cameras: readonly VirtualCamera[];
  close(): Promise<void>;
}

/** Where clips are kept by default: `.cache/virtual-camera` in the repository. */
export const CACHE_DIR = join(import.meta.dirname, '../../.cache/virtual-camera');
const SIZES: Readonly<Record<Profile, { width: number; height: number }>> = {
  main: { width: 1280, height: 720 },
  sub: { width: 640, height: 360 },
};

/**
 * Encodes what is not in the cache yet, then listens.
 * @throws Error when there is no ffmpeg with libx264, a port is taken, or two cameras have one id
 */
export async function startVirtualCameras(options: VirtualCamerasOptions): Promise<VirtualCameras> {
  const specs = options.cameras;
  const host = options.host ?? '127.0.0.1';
  const ids = specs.map((spec) => spec.id ?? idOf(spec.name));
  if (new Set(ids).size !== ids.length || ids.includes(''))
    throw new Error(`camera ids must differ: ${ids.join(', ')}`);
  const prepare = clipMaker(options);
  const wanted = specs.flatMap((spec, i) => PROFILES.map((profile) => clipParameters(spec, i, profile)));
  const clips = await prepare(wanted);

  const shared: Camera[] = [];
  const servers: RtspServer[] = [];
  const all = specs.map((spec, i) => {
    const own: Readonly<Record<Profile, Clip>> = { main: clips[2 * i]!, sub: clips[2 * i + 1]! };
    const phase = ((i * 7) % 13) * 5;
    const camera = new Camera(settingsOf(spec, ids[i]!), own, phase, async (p) => (await prepare([p]))[0]!);
    if (spec.host === undefined && spec.port === undefined) {
      shared.push(camera);
      return { camera, spec, server: undefined };
    }
    const server = new RtspServer(spec.host ?? host, spec.port ?? 0, [camera]);
    camera.ports.push(server);
    servers.push(server);
    return { camera, spec, server };
  });
  const common = new RtspServer(host, options.port ?? 0, shared);
  if (shared.length > 0) servers.push(common);
  const close = async () => {
    await Promise.all([
      ...all.map(({ camera }) => camera.close()),
      ...servers.map((server) => server.close()),
    ]);
  };
  try {
    for (const server of servers) await server.open();
    const cameras: VirtualCamera[] = [];
    for (const { camera, spec, server } of all) {
      const place = { host: spec.host ?? host, port: (server ?? common).port };
      const rtspUrl = (profile: Profile) =>
        `rtsp://${place.host}:${place.port}/${camera.settings.id}/${profile}`;
      const onvif = await addOnvif(camera, place.host, rtspUrl);
      if (options.discovery) await addDiscovery(camera, options.discovery.interfaces, onvif.url);
      cameras.push(virtualCamera(camera, rtspUrl, onvif));
    }
    return { cameras, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function virtualCamera(
  camera: Camera,
  rtspUrl: (profile: Profile) => string,
  onvif: Awaited<ReturnType<typeof addOnvif>>,
): VirtualCamera {
  const { id, name, account } = camera.settings;
  return {
    id,
    name,
    auth: account.kind,
    username: account.username,
    password: account.password,
    stats: camera.stats,
    get fps() {
      return camera.channels.main.clip.parameters.fps;
    },
    onvifUrl: onvif.url,
    onvif: { url: onvif.url, calls: camera.onvifCalls },
    ptz: camera.settings.ptz,
    get events() {
      return onvif.service()?.events;
    },
    rtspUrl,
    frames: (profile) => camera.channels[profile].frames,
    fault: (fault) => camera.fault(fault),
    clearFaults: () => camera.clearFaults(),
    get faults() {
      return camera.faults;
    },
    sentAt: (profile, stamp) => camera.channels[profile].sentAt(stamp),
  };
}

function clipMaker(options: VirtualCamerasOptions): (wanted: readonly ClipParameters[]) => Promise<Clip[]> {
  const progress = options.progress ?? (() => {});
  let tools: Promise<EncoderTools> | undefined;
  const find = () => {
    tools ??= findEncoderTools(progress);
    return tools;
  };
  const signal = options.signal ? { signal: options.signal } : {};
  const cacheDir = options.cacheDir ?? CACHE_DIR;
  return (wanted) => prepareClips(wanted, { cacheDir, tools: find, progress, ...signal });
}

function clipParameters(spec: VirtualCameraSpec, index: number, profile: Profile): ClipParameters {
  const { fps = 15, gop = 1, seconds = 20, slices = 1 } = spec;
  const gopFrames = Math.max(2, Math.round(gop * fps));
  return {
    title: spec.name,
    scene: spec.scene ?? (index % 2 === 0 ? 'street' : 'hall'),
    hue: spec.hue ?? (205 + index * 83) % 360,
    ...((profile === 'sub' ? spec.subSize : spec.mainSize) ?? SIZES[profile]),
    ...{ fps, gopFrames, slices },
    ...(profile === 'main' && spec.mainKbps !== undefined ? { kbps: spec.mainKbps } : {}),
    frames: Math.ceil((seconds * fps) / gopFrames) * gopFrames,
  };
}

function settingsOf(spec: VirtualCameraSpec, id: string): Camera['settings'] {
  const {
    name,
    auth: kind = 'none',
    username = 'admin',
    password = 'camera',
    strictAuth: strict = false,
  } = spec;
  if (!AUTH_KINDS.includes(kind)) throw new Error(`unknown auth ${kind}; known: ${AUTH_KINDS.join(', ')}`);
  const account = { kind, username, password, strict };
  return {
    id,
    name,
    account,
    sessionTimeout: spec.sessionTimeout ?? 60,
    startAtKey: spec.startAtKey ?? false,
    audio: spec.audio ?? false,
    ptz: spec.ptz ? new VirtualPtz(spec.ptz === true ? {} : spec.ptz) : undefined,
  };
}

function idOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
