/** One virtual camera: its two live pictures, its faults, its sessions, its counters. Knows no socket of its own. */
import type { Account, AuthResult } from './auth.ts';
import type { Clip } from './clip.ts';
import type { ClipParameters } from './encode.ts';
import type { Fault, LastingFaults, Profile } from './fault.ts';
import { LiveChannel } from './liveChannel.ts';
import type { VirtualPtz } from './ptz.ts';
import type { ReceiverReport } from './rtcp.ts';

export interface CameraStats {
  /** Sessions open now (SETUP answered, not yet torn down). */
  sessions: number;
  totalSessions: number;
  /** Sessions playing now. */
  playing: number;
  describes: number;
  /** Methods in the order they came, the last 1000. */
  requests: string[];
  /** RTSP connections that named this camera, since its start. */
  connections: number;
  unauthorized: number;
  /** How the last authorised request proved itself. */
  lastAuth: AuthResult | null;
  lastTransport: 'tcp' | 'udp' | null;
  receiverReports: number;
  lastReceiverReport: ReceiverReport | null;
  framesSent: number;
  /** Pictures left out because a client did not read. */
  framesDropped: number;
  udpLost: number;
  udpReordered: number;
  /** Sessions ended because nobody asked for them in time. */
  timeouts: number;
}

/** What a camera may do with a connection that belongs to it. */
export interface CameraConnection {
  /** Ends it with a reset, as a camera that lost its power. */
  drop(): void;
  readonly hasSession: boolean;
  expireNonces(): void;
  newSsrc(): void;
}

/** The part of a camera's network that is switched off with it. */
export interface CameraPort {
  close(): Promise<void>;
  open(): Promise<void>;
}

export interface CameraSettings {
  readonly id: string;
  readonly name: string;
  readonly account: Account;
  /** Seconds; 0 = the Session header names none (clients then take 60). */
  readonly sessionTimeout: number;
  readonly startAtKey: boolean;
  /** Its SDP offers sound. */
  readonly audio: boolean;
  readonly ptz: VirtualPtz | undefined;
}

export class Camera {
  readonly settings: CameraSettings;
  readonly channels: Readonly<Record<Profile, LiveChannel>>;
  readonly connections = new Set<CameraConnection>();
  /** Names of the ONVIF calls that came, in order; refused ones with a `!` before, those of Media2 with a `2` behind. */
  readonly onvifCalls: string[] = [];
  readonly stats: CameraStats;
  /** Sockets that go down with this camera alone; none where cameras share a port. */
  readonly ports: CameraPort[] = [];
  private readonly clips: Record<Profile, Clip>;
  private readonly makeClip: (parameters: ClipParameters) => Promise<Clip>;
  private lasting: LastingFaults = {};
  private rebooting: NodeJS.Timeout | undefined;

  constructor(
    settings: CameraSettings,
    clips: Readonly<Record<Profile, Clip>>,
    phase: number,
    makeClip: (parameters: ClipParameters) => Promise<Clip>,
  ) {
    this.settings = settings;
    this.clips = { ...clips };
    this.makeClip = makeClip;
    this.channels = { main: new LiveChannel(clips.main, phase), sub: new LiveChannel(clips.sub, phase) };
    this.stats = emptyStats();
  }

  get faults(): LastingFaults {
    return this.lasting;
  }

  /** True while the camera has no power: refused, or in the middle of a reboot. */
  get off(): boolean {
    return this.lasting.refuse === true || this.rebooting !== undefined;
  }

  /** @returns when the fault is in force; only a new resolution takes time (its clip may have to be made) */
  async fault(fault: Fault): Promise<void> {
    const { close, reboot, newSsrc, expireNonces, ...lasting } = fault;
    await this.setLasting({ ...this.lasting, ...lasting });
    if (newSsrc) for (const connection of this.connections) connection.newSsrc();
    if (expireNonces) for (const connection of this.connections) connection.expireNonces();
    if (close) this.dropAll();
    if (reboot !== undefined) await this.reboot(reboot);
  }

  /** Ends every lasting fault; a reboot takes its time. */
  async clearFaults(): Promise<void> {
    await this.setLasting({});
  }

  /**
   * Sets a profile's encoder, as a user does on the camera's web page. Resolves when the stream follows: the first time its
   * clip has to be made.
   */
  async configure(
    profile: Profile,
    { width, height, fps, gop }: { width: number; height: number; fps: number; gop: number },
  ): Promise<void> {
    const { parameters } = this.clips[profile];
    const gopFrames = Math.max(2, gop);
    const seconds = parameters.frames / parameters.fps;
    const frames = Math.ceil((seconds * fps) / gopFrames) * gopFrames;
    const clip = await this.makeClip({ ...parameters, width, height, fps, gopFrames, frames });
    this.clips[profile] = clip;
    this.channels[profile].switchTo(clip);
  }

  async close(): Promise<void> {
    this.settings.ptz?.close();
    clearTimeout(this.rebooting);
    this.rebooting = undefined;
    const closing = Promise.all(this.ports.map((port) => port.close()));
    this.dropAll();
    await closing;
  }

  private async setLasting(faults: LastingFaults): Promise<void> {
    const wasOff = this.off;
    const size = faults.resolution;
    const changed = size !== this.lasting.resolution;
    this.lasting = faults;
    for (const channel of Object.values(this.channels)) {
      channel.silent = faults.stopSending === true;
      channel.repeating = faults.repeat === true;
    }
    await this.power(wasOff);
    if (!changed) return;
    for (const profile of ['main', 'sub'] as const) {
      const own = this.clips[profile];
      const other = size && size.profile === profile ? { width: size.width, height: size.height } : undefined;
      this.channels[profile].switchTo(other ? await this.makeClip({ ...own.parameters, ...other }) : own);
    }
  }

  private async reboot(seconds: number): Promise<void> {
    const wasOff = this.off;
    clearTimeout(this.rebooting);
    this.rebooting = setTimeout(() => {
      this.rebooting = undefined;
      for (const channel of Object.values(this.channels)) channel.restart();
      // A port that cannot be had again leaves the camera dark, which its user notices.
      this.power(true).catch(() => {});
    }, seconds * 1000);
    await this.power(wasOff);
  }

  private async power(wasOff: boolean): Promise<void> {
    if (this.off === wasOff) return;
    if (this.off) {
      const closing = Promise.all(this.ports.map((port) => port.close()));
      this.dropAll();
      await closing;
    } else {
      await Promise.all(this.ports.map((port) => port.open()));
    }
  }

  /** The session that began first ends. */
  dropOldest(): void {
    [...this.connections].find(({ hasSession }) => hasSession)?.drop();
  }

  private dropAll(): void {
    for (const connection of [...this.connections]) connection.drop();
  }
}

function emptyStats(): CameraStats {
  return {
    sessions: 0,
    totalSessions: 0,
    playing: 0,
    describes: 0,
    requests: [],
    connections: 0,
    unauthorized: 0,
    lastAuth: null,
    lastTransport: null,
    receiverReports: 0,
    lastReceiverReport: null,
    framesSent: 0,
    framesDropped: 0,
    udpLost: 0,
    udpReordered: 0,
    timeouts: 0,
  };
}

/** Notes a method seen, in bounded memory. */
export function countRequest(stats: CameraStats, method: string): void {
  stats.requests.push(method);
  if (stats.requests.length > 1000) stats.requests.splice(0, 500);
}
