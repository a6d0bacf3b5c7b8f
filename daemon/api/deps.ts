import type { Logger } from 'pino';
import type { FoundCamera, FoundDevice } from '../camera/adoption.ts';
import type { Alarms } from '../camera/alarms.ts';
import type { CameraReboots } from '../camera/cameraReboots.ts';
import type { Commissioning } from '../camera/commissioning.ts';
import type { Exports } from '../camera/exports.ts';
import type { OwnPictures } from '../camera/ownPictures.ts';
import type { Playback } from '../camera/playback.ts';
import type { PtzControl } from '../camera/ptz.ts';
import type { RecordedPictures } from '../camera/recordedPictures.ts';
import type { RecordedRanges } from '../camera/recordedRange.ts';
import type { Recordings } from '../camera/recordings.ts';
import type { ScreenHeartbeat } from '../camera/screenHeartbeat.ts';
import type { ServiceRecords } from '../camera/serviceRecord.ts';
import type { SoundState } from '../camera/soundState.ts';
import type { SoundViewer } from '../camera/streamSound.ts';
import type { VideoFormat, VideoViewer } from '../camera/streamVideo.ts';
import type { Talks } from '../camera/talks.ts';
import type { WallReplays } from '../camera/wallReplay.ts';
import type { OtherAddresses } from '../discover/otherNetworks.ts';
import type { Hub } from '../fanout/hub.ts';
import type { Pacer } from '../fanout/pacer.ts';
import type { Viewers } from '../fanout/viewers.ts';
import type { AccessUnit } from '../frame.ts';
import type { PluggedIn } from '../ingest/v4l2/pluggedIn.ts';
import type {
  Camera,
  CameraAdd,
  CameraPatch,
  OnvifDescription,
  Provisioning,
  ServerEvent,
  Settings,
  StreamAdd,
  StreamStatus,
  StreamSummary,
  System,
} from '../schema.ts';
import type { KeptPicture } from '../store/pictureFiles.ts';
import type { Store } from '../store/store.ts';
import type { LogRing } from '../system/logRing.ts';
import type { Accounts } from './auth/accounts.ts';
import type { Benchmarks } from './load.ts';
import type { PowerSwitch } from './system/power.ts';
import type { Updater } from './system/update.ts';
import type { Tls } from './tls.ts';

/** Upper bounds of a picture; what is left out is the source's own. */
export interface RenditionSize {
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  quality?: number | undefined;
}

/** The sound of a stream, for those who listen. */
export interface StreamSounding {
  /** The camera offered sound when the stream was opened last. */
  readonly audio: boolean;
  readonly soundState: SoundState;
  /** @throws CameraError where the stream is stopped @returns ends it */
  openSound(viewer: SoundViewer): () => void;
}

/** The cameras as the API needs them; `CameraSet` is the one that the daemon runs. Failures carry `status` and `code`. */
export interface Cameras {
  cameras(): Camera[];
  camera(id: string): Camera | undefined;
  addCamera(body: CameraAdd): Promise<Camera>;
  /** Adds a camera that has been described already; nothing is stored when it fails. */
  addFound(found: FoundCamera): Camera;
  patchCamera(id: string, body: CameraPatch): Promise<Camera>;
  removeCamera(id: string): Promise<void>;
  streams(): StreamSummary[];
  stream(name: string): StreamStatus | undefined;
  addStream(body: StreamAdd): Promise<StreamStatus>;
  /** Adds a stream or sets it anew; all of it or nothing. */
  putStream(body: StreamAdd): Promise<'added' | 'updated'>;
  removeStream(name: string): Promise<void>;
  startStream(name: string): Promise<StreamStatus>;
  stopStream(name: string): Promise<StreamStatus>;
  latestUnit(name: string): AccessUnit | undefined;
  openRendition(name: string, size: RenditionSize): { rendition: { hub: Hub }; release(): void };
  /** A stream's own video; the returned function ends it. */
  openVideo(name: string, format: VideoFormat, viewer: VideoViewer): () => void;
  /** The sound of a stream. @throws CameraError where there is no such stream */
  soundOf(name: string): StreamSounding;
  /** The state of every stream, as the events socket tells it first. */
  snapshot(): ServerEvent;
  subscribe(listener: (event: ServerEvent) => void): () => void;
  /** Tells all subscribers. */
  announce(event: ServerEvent): void;
}

export type { FoundDevice };

/** All that the API stands on. It opens nothing by itself but what a request asks for. */
export interface ApiDeps {
  log: Logger;
  version: string;
  cameras: Cameras;
  store: Pick<
    Store,
    | 'accounts'
    | 'alarms'
    | 'cameras'
    | 'layouts'
    | 'layout'
    | 'putLayout'
    | 'deleteLayout'
    | 'wall'
    | 'putWall'
    | 'screenWalls'
    | 'check'
    | 'problems'
    | 'credentials'
    | 'service'
    | 'settings'
    | 'contents'
    | 'replaceContents'
  >;
  /** Who may do what. */
  accounts: Accounts;
  /** Those that cameras make themselves. */
  ownPictures: Pick<OwnPictures, 'get'>;
  reboots: Pick<CameraReboots, 'reboot'>;
  /** The last picture of each camera, kept over restarts. */
  lastPictures: { read(camera: string): Promise<KeptPicture | undefined> };
  /** What calls the operator's eye. */
  alarms: Alarms;
  /** Hears what the box's own screen says of itself. */
  heartbeat: ScreenHeartbeat;
  /** How each camera did. */
  records: Pick<ServiceRecords, 'record'>;
  /** Writes into the camera's service record: its picture stood still on a page, or was the very same for long. */
  note?: ((camera: string, what: 'repair' | 'unchanged') => void) | undefined;
  /** Moves cameras. */
  ptz?: Pick<PtzControl, 'read' | 'command'> | undefined;
  talks?: Pick<Talks, 'find' | 'open'> | undefined;
  /** What is recorded, and what there is. */
  recordings?:
    | Pick<
        Recordings,
        | 'settings'
        | 'putSettings'
        | 'start'
        | 'stop'
        | 'status'
        | 'find'
        | 'get'
        | 'pathOf'
        | 'protect'
        | 'remove'
      >
    | undefined;
  /** What is recorded when. */
  playback?: Pick<Playback, 'timeline' | 'days'> | undefined;
  recordedPictures?: Pick<RecordedPictures, 'read'> | undefined;
  recordedRanges?: Pick<RecordedRanges, 'file'> | undefined;
  /** What the box's screens showed. */
  replays?: Pick<WallReplays, 'lives' | 'note' | 'at' | 'changes'> | undefined;
  exports?: Pick<Exports, 'list' | 'get' | 'add' | 'remove' | 'path'> | undefined;
  /** Says what is wrong with a camera's set-up, and mends it. */
  commissioning?: Pick<Commissioning, 'advice' | 'measure' | 'fix'> | undefined;
  viewers: Viewers;
  pacer: Pacer;
  /** What was found out at start about ffmpeg, its decoders and the children's sandbox. */
  facts(): Pick<System, 'ffmpeg' | 'decode' | 'sandbox'>;
  discover(options: {
    interfaces?: string[];
    others?: OtherAddresses;
    seconds: number;
    signal?: AbortSignal;
    log: Logger;
    found: (device: FoundDevice) => void;
  }): Promise<{ devices: FoundDevice[]; interfaces: string[]; problems: string[] }>;
  discoveryInterfaces?: string[] | undefined;
  /** What is plugged into the box. */
  usbCameras?: (() => Promise<readonly PluggedIn[]>) | undefined;
  describeOnvif(options: {
    address: string;
    username?: string;
    password?: string;
    timeout?: number;
    /** Ways to log in that may be tried. */
    logins?: number;
    signal?: AbortSignal;
  }): Promise<OnvifDescription>;
  /** Folder of the built pages. */
  pages: string;
  /** Host names, besides loopback ones, that the daemon is reached by. */
  allowedHosts?: string[] | undefined;
  /** HTTPS; undefined: not served. */
  tls?: Tls | undefined;

  // ── the box itself: what is left out, it has not ──

  /** Where streams are offered again over RTSP; null: nowhere. */
  rtspPort?: (() => number | null) | undefined;
  /** Folder of the database; its file system is the disk that is told about. */
  stateDir?: string | undefined;
  /** Where a damaged database was set aside at this start. */
  recovered?: string | null | undefined;
  /** What the box's own screen paints. */
  screen?: (() => System['screen']) | undefined;
  logs?: Pick<LogRing, 'read'> | undefined;
  power?: PowerSwitch | undefined;
  updater?: Updater | undefined;
  /** What a stick or the like brought since the machine started. */
  provisioning?: { read(): Provisioning } | undefined;
  benchmark?: Benchmarks | undefined;
  /** Tests the decoders again; undefined: that is under way already. Its outcome is in `facts`. */
  selfTest?: (() => Promise<void> | undefined) | undefined;
  /** The settings were changed: what of them concerns the system itself. */
  applySettings?: ((settings: Settings) => void) | undefined;
}

/** Without accounts nobody has to sign in before there is a user: for tests. */
export type ServerDeps = Omit<ApiDeps, 'accounts' | 'alarms' | 'heartbeat' | 'records'> &
  Partial<Pick<ApiDeps, 'accounts' | 'alarms' | 'heartbeat' | 'records'>>;
