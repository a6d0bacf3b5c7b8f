import type { AccessUnit, VideoParameters } from '../frame.ts';
import {
  annexBNals,
  hasRecoveryPoint,
  hasStartCode,
  START_CODE,
  toAnnexB,
  trimZeros,
} from '../nal/annexB.ts';
import type { NalCoding, ParameterSets } from './nalCoding.ts';
import type { NalCounters } from './nalCounters.ts';
import { NalScratch } from './nalScratch.ts';
import type { Timeline } from './timeline.ts';

/** Largest access unit, bytes; gortsplib draws the same line. */
export const MAX_ACCESS_UNIT = 8 * 1024 * 1024;
/** More access units than this from one packet is an attack, not a camera. */
const MAX_UNITS_PER_PACKET = 16;
const MAX_CHANGED_SETS = 32;
/** So long (ms) without a key picture, a recovery point is taken as a place where decoding can begin. */
const KEY_PATIENCE = 5000;
const NONE: Buffer = Buffer.alloc(0);

/** A picture in the making. */
interface Picture {
  /** RTP time of its first slice; parameter sets before it may carry the previous picture's (Reolink). */
  timestamp: number;
  /** Decoding can begin here by its slices' own type. */
  keyType: boolean;
  /** Not decodable where decoding began at the key picture before it. */
  refersBeforeKey: boolean;
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
export class AccessUnits {
  readonly #coding: NalCoding;
  readonly #sets: ParameterSets;
  readonly #timeline: Timeline;
  readonly #counters: NalCounters;
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
  /** Decoding began at the last key picture: what refers to pictures before it cannot be decoded. */
  #beganHere = false;
  #begun = false;
  /** Packets are missing: the next slice must be the first of its picture. */
  #gap = true;
  #markersBelieved = true;
  /** The timestamp of a unit that a marker ended. */
  #markedTimestamp: number | undefined;
  #lastKey: number | undefined;
  #video: VideoParameters | undefined;
  #videoPrefix = NONE;

  constructor(coding: NalCoding, sets: ParameterSets, timeline: Timeline, counters: NalCounters) {
    this.#coding = coding;
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
    if (hasStartCode(bytes)) for (const nal of annexBNals(bytes)) this.#add(nal);
    else this.#add(trimZeros(bytes));
  }

  /** Begins a fragmented NAL unit. */
  open(header: Buffer): void {
    this.#open = this.#scratch.length;
    this.extend(START_CODE);
    this.extend(header);
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
    if (this.#coding.role(nal) === 'slice' && !hasStartCode(nal)) {
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
    const from = this.#scratch.from(start + START_CODE.length);
    const header = Buffer.from(from.subarray(0, this.#coding.headerLength));
    this.#scratch.truncate(start);
    this.broken(header);
  }

  /** A NAL unit with this header is missing or broken. */
  broken(header: Buffer): void {
    if (!this.#coding.isSlice(header)) return;
    const picture = this.#begin(header);
    picture.damaged = true;
    picture.reference ||= this.#coding.isReference(header);
  }

  #add(nal: Buffer): void {
    if (nal.length < this.#coding.headerLength) {
      if (nal.length > 0) this.#counters.malformed++;
      return;
    }
    switch (this.#coding.role(nal)) {
      case 'slice':
        if (!this.#oversize && !this.#scratch.appendNal(nal)) this.#overflow();
        this.#slice(nal);
        break;
      case 'delimiter':
        this.#endPicture();
        break;
      case 'parameterSet':
        this.#endPicture();
        this.#parameterSet(nal);
        break;
      case 'supplement':
        this.#endPicture();
        this.#supplement(nal);
        break;
      case 'malformed':
        this.#counters.malformed++;
        this.broken(nal);
        break;
      case 'useless':
    }
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
    if (sinceKey > KEY_PATIENCE && hasRecoveryPoint(nal, this.#coding.headerLength))
      this.#recoveryPoint = true;
    if (!this.#oversize && !this.#scratch.appendNal(nal)) this.#overflow();
  }

  #slice(nal: Buffer): void {
    const isFirst = this.#picture === undefined;
    const picture = this.#begin(nal);
    if (isFirst && !this.#coding.beginsPicture(nal)) {
      if (this.#gap) picture.damaged = true;
      else if (this.#markedTimestamp === this.#timestamp) this.#disbelieveMarkers(picture);
    }
    if (isFirst && (picture.keyType || this.#recoveryPoint)) picture.ppsId = this.#coding.ppsId(nal);
    this.#gap = false;
    picture.reference ||= this.#coding.isReference(nal);
    this.#receivedAt = this.#arrival;
  }

  /** More slices of a picture that a marker ended already: markers stand on every slice, so go by timestamps. */
  #disbelieveMarkers(picture: Picture): void {
    this.#counters.wrongMarkers++;
    this.#markersBelieved = false;
    picture.damaged = true;
  }

  /** The picture at hand, or a new one that begins with this slice, of which a header is enough. */
  #begin(slice: Buffer): Picture {
    this.#picture ??= {
      timestamp: this.#timestamp,
      keyType: this.#coding.isKey(slice),
      refersBeforeKey: this.#coding.refersBeforeKey(slice),
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
    this.#picture ??= {
      timestamp: this.#timestamp,
      keyType: false,
      refersBeforeKey: false,
      ppsId: undefined,
      damaged: true,
      reference: true,
    };
    this.#picture.damaged = true;
    this.#picture.reference = true;
  }

  #endPicture(): void {
    const picture = this.#picture;
    if (picture === undefined) return;
    this.#markedTimestamp = undefined;
    const video = picture.keyType || this.#recoveryPoint ? this.#keyVideo(picture) : undefined;
    const key = video !== undefined;
    if (picture.refersBeforeKey && this.#beganHere) {
      this.#counters.skippedUnits++;
    } else if (
      picture.damaged ||
      this.#out.length >= MAX_UNITS_PER_PACKET ||
      ((this.#waiting || picture.keyType) && !key)
    ) {
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
      this.#beganHere = this.#waiting;
      this.#waiting = false;
      this.#begun = true;
      this.#counters.keyUnits++;
      if (picture.keyType) this.#lastKey = this.#receivedAt;
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
