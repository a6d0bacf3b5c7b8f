/** What can be made to go wrong with a camera, on command. Pure. The case numbers are those of daemon/ingest/README.md. */

export type Profile = 'main' | 'sub';
export const PROFILES: readonly Profile[] = ['main', 'sub'];

export const MALFORMATIONS = [
  /** `HELLO 200 OK` instead of a status line. */
  'status-line',
  /** `RTSP/1.0 200` without a reason (case 4). */
  'no-reason',
  /** The CSeq of the request before (case 5, Tapo C220). */
  'wrong-cseq',
  'no-cseq',
  /** No Session header in any answer. */
  'no-session',
  /** `Session:        id`, `CSeq: 1 ` (cases 1 and 3). */
  'blanks',
  /** DESCRIBE without Content-Type (case 8). */
  'no-content-type',
  /** Content-Base without scheme (case 25, Anjvision). */
  'content-base',
  /** Interleaved channels 10-11 whatever was asked for (case 40). */
  'other-channels',
  /** `seq=0;rtptime=-1;` (case 51). */
  'rtp-info',
  /** Three zero bytes, or a bare line end, before every interleaved picture (case 6). */
  'garbage',
  /** The camera asks the client `OPTIONS *` after PLAY (case 7). */
  'server-options',
] as const;
export type Malformation = (typeof MALFORMATIONS)[number];

/** Faults that last until they are cleared or set to something else. */
export interface LastingFaults {
  /** Pictures stop, connections stay open and answers still come. */
  readonly stopSending?: boolean;
  /** The very same picture is sent again and again. */
  readonly repeat?: boolean;
  /** Camera off: connections are dropped and new ones refused (reset, where cameras share a port). */
  readonly refuse?: boolean;
  /** 401 whatever the client proves. */
  readonly unauthorized?: boolean;
  /** Milliseconds before every answer. */
  readonly delay?: number;
  /** The profile continues at another size, in-band, from its next key frame; null: back to its own size. */
  readonly resolution?: { readonly profile: Profile; readonly width: number; readonly height: number } | null;
  /** Share (0…1) of RTP packets over UDP that are lost. */
  readonly udpLoss?: number;
  /** Share (0…1) of RTP packets over UDP that come one to three packets late, 20 ms at most. */
  readonly udpReorder?: number;
  /** Milliseconds that each RTP packet over UDP comes late at most, at random: they overtake one another. */
  readonly udpJitter?: number;
  /** For the three above; the same seed loses the same packets of a session. */
  readonly seed?: number;
  readonly malformed?: readonly Malformation[];
  /** Sessions at once; SETUP of one more is answered 453 (case 56). */
  readonly capacity?: number;
  /** Then one more is granted, and the oldest ends. */
  readonly displaces?: boolean;
  /** Status to answer a method with, e.g. `{ PAUSE: 551, OPTIONS: 404 }` (cases 10 and 11). */
  readonly answers?: Readonly<Record<string, number>>;
  /** UDP is refused with 461, or answered 200 with a TCP transport (case 52). */
  readonly udp?: 'refused' | 'answered-tcp' | null;
  /** TCP interleaved is refused with 461. */
  readonly tcp?: 'refused' | null;
}

/** Faults that happen once, now. */
export interface Events {
  /** Drops every connection; new ones are welcome. */
  readonly close?: true;
  /** Off for so many seconds, then back with its live picture begun anew. */
  readonly reboot?: number;
  /** New SSRC, sequence numbers and timestamps in the running sessions (case 45). */
  readonly newSsrc?: true;
  /** The next request of every connection is answered 401 with a new nonce (case 18). */
  readonly expireNonces?: true;
}

export type Fault = LastingFaults & Events;

type Check = (value: unknown) => boolean;
const isTrue: Check = (value) => value === true;
const isBoolean: Check = (value) => typeof value === 'boolean';
const isNumber =
  (low: number, high: number): Check =>
  (value) =>
    typeof value === 'number' && value >= low && value <= high;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const isSize: Check = (value) => isNumber(64, 4096)(value) && Number(value) % 2 === 0;

const CHECKS: Readonly<Record<keyof Fault, Check>> = {
  stopSending: isBoolean,
  repeat: isBoolean,
  refuse: isBoolean,
  unauthorized: isBoolean,
  delay: isNumber(0, 600_000),
  resolution: (value) =>
    value === null ||
    (isObject(value) && isOneOf(...PROFILES)(value.profile) && isSize(value.width) && isSize(value.height)),
  udpLoss: isNumber(0, 1),
  udpReorder: isNumber(0, 1),
  udpJitter: isNumber(0, 1000),
  seed: isNumber(0, 0xffffffff),
  malformed: (value) => Array.isArray(value) && value.every(isOneOf(...MALFORMATIONS)),
  capacity: isNumber(0, 1000),
  displaces: isBoolean,
  answers: (value) => isObject(value) && Object.values(value).every(isNumber(100, 999)),
  udp: isOneOf('refused', 'answered-tcp', null),
  tcp: isOneOf('refused', null),
  close: isTrue,
  reboot: isNumber(0, 3600),
  newSsrc: isTrue,
  expireNonces: isTrue,
};

/** Reads a fault from JSON; the message says which member is wrong. */
export function parseFault(json: unknown): { ok: true; fault: Fault } | { ok: false; message: string } {
  if (!isObject(json)) return { ok: false, message: 'a fault is an object, e.g. {"stopSending":true}' };
  for (const [name, value] of Object.entries(json)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof Fault] : undefined;
    if (!check)
      return { ok: false, message: `unknown fault ${name}; known: ${Object.keys(CHECKS).join(', ')}` };
    if (!check(value)) return { ok: false, message: `bad value for ${name}: ${JSON.stringify(value)}` };
  }
  return { ok: true, fault: json as Fault };
}
