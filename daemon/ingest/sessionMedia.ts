/** What one session receives: the video, and as a second track the sound, if that is wanted and given. */
import type { AccessUnit, AudioFrame, AudioParameters } from '../frame.ts';
import type { TransportAnswer } from '../rtsp/transportHeader.ts';
import type { AudioCoding } from './audioCoding.ts';
import { AudioReceiver } from './audioReceiver.ts';
import type { AudioCounters, IngestCounters } from './counters.ts';
import { MediaPath } from './mediaPath.ts';
import type { RtspConnection } from './rtspConnection.ts';
import type { VideoChoice } from './sdp.ts';
import { VideoReceiver } from './videoReceiver.ts';

export interface SessionMediaOptions {
  transport: 'tcp' | 'udp' | 'multicast';
  connection: RtspConnection;
  counters: IngestCounters;
  audioCounters: AudioCounters;
  accessUnit: (unit: AccessUnit) => void;
  audioFrame: (frame: AudioFrame) => void;
  /** The source of the video said goodbye (RTCP BYE). */
  goodbye: () => void;
  /** The sound holds something that is left out: said once. */
  leftOut: (what: string) => void;
}

export class SessionMedia {
  readonly transport: 'tcp' | 'udp' | 'multicast';
  readonly #options: SessionMediaOptions;
  readonly #videoPath: MediaPath;
  #soundPath: MediaPath | undefined;
  #video: VideoReceiver | undefined;
  #sound: AudioReceiver | undefined;

  constructor(options: SessionMediaOptions) {
    this.transport = options.transport;
    this.#options = options;
    this.#videoPath = new MediaPath(options.transport, options.connection, 0);
  }

  /** SETUP of the video was answered: packets have somewhere to go. */
  get ready(): boolean {
    return this.#videoPath.ready;
  }

  /** When the last RTP packet of the video came, `performance.now()` milliseconds: sound alone keeps no wall alive. */
  get lastPacket(): number | undefined {
    return this.#videoPath.lastPacket;
  }

  /** Media time of the last access unit, milliseconds. */
  get mediaTime(): number {
    return this.#video?.mediaTime ?? 0;
  }

  /** Of the sound, once it was set up. */
  get audio(): AudioParameters | undefined {
    return this.#sound?.audio;
  }

  /** The `Transport` to ask for, see `MediaPath.ask`. */
  askVideo(): Promise<string> {
    return this.#videoPath.ask();
  }

  /** Takes the camera's answer. False if it chose another transport than it was asked for (case 52). Rejects as `MediaPath.accept`. */
  acceptVideo(answer: TransportAnswer, { format, media }: VideoChoice): Promise<boolean> {
    const { connection, counters, accessUnit, goodbye } = this.#options;
    return this.#videoPath.accept(answer, (how) => {
      this.#video = new VideoReceiver({
        ...how,
        format,
        dimensions: media.dimensions,
        counters,
        accessUnit: (unit) => {
          this.#sound?.clock.picture(unit);
          connection.journal?.picture(unit.key, connection.arrival);
          accessUnit(unit);
        },
        senderReport: (report) => this.#sound?.clock.videoReport(report),
        goodbye,
        now: () => connection.arrival,
      });
      return this.#video;
    });
  }

  /** After the video: asks for the next pair of channels, or for ports of its own. Rejects as `MediaPath.ask`. */
  askSound(): Promise<string> {
    const { rtp, rtcp } = this.#videoPath.channels;
    const next = (Math.max(rtp, rtcp) | 1) + 1;
    this.#soundPath = new MediaPath(this.transport, this.#options.connection, next > 254 ? 0 : next);
    return this.#soundPath.ask();
  }

  /** Takes the camera's answer; why it cannot be taken, or undefined where all is well. */
  async acceptSound(answer: TransportAnswer, coding: AudioCoding): Promise<string | undefined> {
    const { connection, audioCounters: counters, audioFrame, leftOut } = this.#options;
    const now = () => connection.arrival;
    const video = this.#video;
    const given = answer.interleaved;
    const taken = Object.values(this.#videoPath.channels);
    // Channels are ours to follow, but not where two tracks would share one (case 40).
    if (given && (taken.includes(given.rtp) || taken.includes(given.rtcp)))
      return `the camera gave it the video’s channels ${given.rtp}-${given.rtcp}`;
    const accepted = await this.#soundPath?.accept(answer, (how) => {
      this.#sound = new AudioReceiver({ ...how, coding, video: video!, counters, audioFrame, leftOut, now });
      return this.#sound;
    });
    return accepted ? undefined : `asked for ${this.transport}, the camera chose ${answer.protocol}`;
  }

  /** No sound after all: its ports are free again. */
  dropSound(): void {
    this.#soundPath?.close();
    this.#soundPath = undefined;
  }

  /** Takes an interleaved packet. RTP or RTCP is told by the packet itself, because servers mix up the two (case 41). */
  packet(channel: number, bytes: Buffer): void {
    const sound = this.#sound && this.#soundPath;
    const ofSound = sound && (sound.channels.rtp === channel || sound.channels.rtcp === channel);
    (ofSound ? sound : this.#videoPath).packet(bytes);
  }

  /** Sends receiver reports the way that the packets come. */
  sendReports(): void {
    this.#videoPath.sendReport();
    this.#soundPath?.sendReport();
  }

  /** Packets stop by our own wish, or come again after that. */
  rest(): void {
    this.#sound?.clock.rest();
  }

  /** The stream is over: hands on what was still waited for. */
  end(): void {
    this.#videoPath.end();
    this.#soundPath?.end();
  }

  /** Nothing is handed on from now on; UDP ports are free again. */
  close(): void {
    this.#videoPath.close();
    this.#soundPath?.close();
  }
}
