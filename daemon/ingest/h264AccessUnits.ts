import type { AccessUnit, VideoParameters } from '../frame.ts';
import {
  beginsPicture,
  H264_AUD,
  H264_END_OF_SEQUENCE,
  H264_IDR,
  H264_PPS,
  H264_SEI,
  H264_SPS,
  h264Nals,
  h264Type,
  hasRecoveryPoint,
  hasStartCode,
  isH264Vcl,
  START_CODE,
  slicePpsId,
  toAnnexB,
  trimZeros,
} from './h264.ts';
import type { H264Counters } from './h264Counters.ts';
import type { H264ParameterSets } from './h264ParameterSets.ts';
import { NalScratch } from './nalScratch.ts';
import type { Timeline } from './timeline.ts';

/** Largest access unit, bytes; gortsplib draws the same line. */
export const MAX_ACCESS_UNIT = 8 * 1024 * 1024;
/** More access units than this from one packet is an attack, not a camera. */
const MAX_UNITS_PER_PACKET = 16;
const MAX_CHANGED_SETS = 32;
/** So long (ms) without an IDR picture, a recovery point is taken as a place where decoding can begin. */
const IDR_PATIENCE = 5000;
const NONE: Buffer = Buffer.alloc(0);

/** A picture in the making. */
interface Picture {
  /** RTP time of its first slice; parameter sets before it may carry the previous picture's (Reolink). */
  timestamp: number;
  firstType: number;
  ppsId: number | undefined;
  /** A part of it is missing: not to be handed on. */
  damaged: boolean;
  /** Later pictures may refer to it. */
  reference: boolean;
}

/**
 * Joins NAL units into access units by case 64: a unit ends with a marker on its last slice, or when
 * the timestamp changes after a slice, or when parameter sets, SEI or a delimiter follow a slice. Hands on nothing
 * that a decoder could not decode: begins with a key picture, and after a broken one waits for the next key picture.
 */
export class H264AccessUnits {
  readonly #sets: H264ParameterSets;
  readonly #timeline: Timeline;
  readonly #counters: H264Counters;
  readonly #scratch = new NalScratch(MAX_ACCESS_UNIT);
  #out: AccessUnit[] = [];

  /** Of the packet at hand. */
  #timestamp = 0;
  #arrival = 0;
  #firstArrival: number | undefined;

  #picture: Picture | undefined;
  #oversize = false;
  #recoveryPoint = false;
  /** Parameter sets that were news and were not handed on yet. */
  #changedSets: Buffer[] = [];
  /** Arrival of what was last added. */
  #receivedAt = 0;
  /** Where the fragmented NAL unit begins that is open. */
  #open: number | undefined;

  #waiting = true;
  #begun = false;
  /** Packets are missing: the next slice must be the first of its picture. */
  #gap = true;
  #markersBelieved = true;
  /** The timestamp of a unit that a marker ended. */
  #markedTimestamp: number | undefined;
  #lastKey: number | undefined;
  #video: VideoParameters | undefined;
  #videoPrefix = NONE;

  constructor(sets: H264ParameterSets, timeline: Timeline, counters: H264Counters) {
    this.#sets = sets;
    this.#timeline = timeline;
    this.#counters = counters;
  }

  /** The access units that are complete, once. */
  take(): AccessUnit[] {
    if (this.#out.length === 0) return [];
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** A packet follows; one with another timestamp ends the picture before it. */
  packet(timestamp: number, arrival: number): void {
    if (timestamp !== this.#timestamp) this.#endPicture();
    this.#timestamp = timestamp;
    this.#arrival = arrival;
    this.#firstArrival ??= arrival;
  }

  /** Packets are missing here: the picture at hand is incomplete, or the next, or one between them. */
  lose(): void {
    this.abandon();
    if (this.#picture !== undefined) this.#picture.damaged = true;
    else this.#scratch.clear();
    this.#waiting = true;
    this.#gap = true;
  }

  /** The source began anew. What was known of the parameter sets stays, its bytes will tell. */
  restart(): void {
    this.#drop();
    this.#clear();
    this.#open = undefined;
    this.#waiting = true;
    this.#gap = true;
    this.#markedTimestamp = undefined;
    this.#timeline.restart();
  }

  /**
   * The packet at hand carries a marker, which ends a picture. On anything but slices it means nothing, and there is
   * no picture then: parameter sets, SEI and delimiters have ended it and begun the next.
   */
  marker(): void {
    if (this.#picture === undefined || !this.#markersBelieved) return;
    this.#endPicture();
    this.#markedTimestamp = this.#timestamp;
  }

  /** The stream is over. */
  end(): void {
    this.abandon();
    this.#endPicture();
  }

  /** Takes a whole NAL unit; or several in Annex B, which V380 and others put in the place of one (case 62). */
  add(bytes: Buffer): void {
    if (hasStartCode(bytes)) for (const nal of h264Nals(bytes)) this.#add(nal);
    else this.#add(trimZeros(bytes));
  }

  /** Begins a fragmented NAL unit. */
  open(header: number): void {
    this.#open = this.#scratch.length;
    this.extend(START_CODE);
    this.extend(Buffer.of(header));
  }

  extend(bytes: Buffer): void {
    if (!this.#oversize && !this.#scratch.append(bytes)) this.#overflow();
  }

  /** The fragmented NAL unit is complete. */
  close(): void {
    const start = this.#open;
    this.#open = undefined;
    if (start === undefined) return;
    if (this.#oversize) return;
    const nal = this.#scratch.from(start + START_CODE.length);
    if (isH264Vcl(h264Type(nal[0]!)) && nal.length > 1 && !hasStartCode(nal)) {
      const trimmed = trimZeros(nal);
      this.#scratch.truncate(start + START_CODE.length + trimmed.length);
      this.#slice(trimmed);
      return;
    }
    // Anything but a slice may end the picture before it, so it is taken out of the scratch first.
    const copy = Buffer.from(nal);
    this.#scratch.truncate(start);
    this.add(copy);
  }

  /** The fragmented NAL unit stays incomplete. */
  abandon(): void {
    const start = this.#open;
    this.#open = undefined;
    if (start === undefined || this.#oversize) return;
    const header = this.#scratch.from(start)[START_CODE.length]!;
    this.#scratch.truncate(start);
    this.broken(header);
  }

  /** A NAL unit with this header is missing or broken. */
  broken(header: number): void {
    if (!isH264Vcl(h264Type(header))) return;
    const picture = this.#begin(h264Type(header));
    picture.damaged = true;
    picture.reference ||= (header & 0x60) !== 0;
  }

  #add(nal: Buffer): void {
    const header = nal[0];
    if (header === undefined) return;
    const type = h264Type(header);
    if (header >> 7 !== 0 || (isH264Vcl(type) && nal.length < 2)) {
      this.#counters.malformed++;
      this.broken(header);
      return;
    }
    if (isH264Vcl(type)) {
      if (!this.#oversize && !this.#scratch.appendNal(nal)) this.#overflow();
      this.#slice(nal);
    } else if (type >= H264_SEI && type <= H264_AUD) {
      this.#endPicture();
      if (type === H264_SPS || type === H264_PPS) this.#parameterSet(nal);
      if (type === H264_SEI) this.#supplement(nal);
    } else if (type < H264_END_OF_SEQUENCE || type > 23) {
      this.#counters.malformed++;
    }
    // The rest is left out: ends of sequence and stream, filler, and extensions (SVC, MVC) that nobody decodes.
  }

  #parameterSet(nal: Buffer): void {
    const verdict = this.#sets.add(nal);
    if (verdict === 'invalid') this.#counters.badParameterSets++;
    if (verdict !== 'new') return;
    if (this.#changedSets.length >= MAX_CHANGED_SETS) this.#changedSets.shift();
    this.#changedSets.push(Buffer.from(trimZeros(nal)));
  }

  #supplement(nal: Buffer): void {
    const sinceKey = this.#arrival - (this.#lastKey ?? this.#firstArrival ?? this.#arrival);
    if (sinceKey > IDR_PATIENCE && hasRecoveryPoint(nal)) this.#recoveryPoint = true;
    if (!this.#oversize && !this.#scratch.appendNal(nal)) this.#overflow();
  }

  #slice(nal: Buffer): void {
    const isFirst = this.#picture === undefined;
    const type = h264Type(nal[0]!);
    const picture = this.#begin(type);
    if (isFirst && !beginsPicture(nal)) {
      if (this.#gap) picture.damaged = true;
      else if (this.#markedTimestamp === this.#timestamp) this.#disbelieveMarkers(picture);
    }
    if (isFirst && (type === H264_IDR || this.#recoveryPoint)) picture.ppsId = slicePpsId(nal);
    this.#gap = false;
    picture.reference ||= (nal[0]! & 0x60) !== 0;
    this.#receivedAt = this.#arrival;
  }

  /** More slices of a picture that a marker ended already: markers stand on every slice, so go by timestamps. */
  #disbelieveMarkers(picture: Picture): void {
    this.#counters.wrongMarkers++;
    this.#markersBelieved = false;
    picture.damaged = true;
  }

  #begin(firstType: number): Picture {
    this.#picture ??= {
      timestamp: this.#timestamp,
      firstType,
      ppsId: undefined,
      damaged: false,
      reference: false,
    };
    return this.#picture;
  }

  #overflow(): void {
    this.#oversize = true;
    this.#counters.oversizeUnits++;
    this.#scratch.clear();
    const picture = this.#begin(0);
    picture.damaged = true;
    picture.reference = true;
  }

  #endPicture(): void {
    const picture = this.#picture;
    if (picture === undefined) return;
    this.#markedTimestamp = undefined;
    const isIdr = picture.firstType === H264_IDR;
    const video = isIdr || this.#recoveryPoint ? this.#keyVideo(picture) : undefined;
    const key = video !== undefined;
    if (picture.damaged || this.#out.length >= MAX_UNITS_PER_PACKET || ((this.#waiting || isIdr) && !key)) {
      this.#drop();
    } else {
      this.#hand(picture, key);
    }
    this.#clear();
  }

  #keyVideo(picture: Picture): VideoParameters | undefined {
    const video =
      picture.ppsId === undefined || picture.damaged ? undefined : this.#sets.activate(picture.ppsId);
    if (video === undefined) return undefined;
    if (video !== this.#video) {
      this.#video = video;
      this.#videoPrefix = toAnnexB(video.parameterSets);
    }
    return video;
  }

  #hand(picture: Picture, key: boolean): void {
    if (key) {
      this.#waiting = false;
      this.#begun = true;
      this.#counters.keyUnits++;
      if (picture.firstType === H264_IDR) this.#lastKey = this.#receivedAt;
    }
    this.#counters.units++;
    // In band and unchanged they are left out: a key unit has them in front already.
    const changed = this.#changedSets.length > 0 ? toAnnexB(this.#changedSets) : NONE;
    this.#out.push({
      video: this.#video!,
      data: this.#scratch.copyBehind(key ? this.#videoPrefix : changed),
      key,
      mediaTime: this.#timeline.at(picture.timestamp, this.#receivedAt),
      receivedAt: this.#receivedAt,
    });
    this.#changedSets = [];
  }

  /** Gives the picture up. What refers to it cannot be decoded either, so all wait for the next key picture. */
  #drop(): void {
    if (this.#picture === undefined) return;
    if (this.#begun) this.#counters.droppedUnits++;
    else this.#counters.skippedUnits++;
    if (this.#picture.reference) this.#waiting = true;
  }

  #clear(): void {
    this.#picture = undefined;
    this.#oversize = false;
    this.#recoveryPoint = false;
    this.#scratch.clear();
  }
}
