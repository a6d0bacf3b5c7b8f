/** The public side of the package `walleye-camera`. */

export interface WalleyeStateDetail {
  /**
   * live · late (two seconds and more) · frozen (five) · connecting · unreachable (the box) · gone, refused, busy, stopped, ended,
   * unsupported (the camera) · error (the box does not send it) · problem (nothing is tried) · empty (nothing is asked for)
   */
  state: string;
  /** As written on the element; empty where nothing is. */
  title: string;
  sentence: string;
  /** Milliseconds that the picture on the screen is old; undefined: there is none. */
  age: number | undefined;
  stream: string | undefined;
  format: 'mp4' | 'annexb' | 'jpeg' | undefined;
  /** Why that format: wished, codec (the browser), source (the camera), bandwidth. */
  reason: 'wished' | 'codec' | 'source' | 'bandwidth' | undefined;
}

export interface WalleyePaintedDetail {
  /** When the box had the picture, Unix milliseconds of its clock. */
  time: number;
  /** Milliseconds that it was old when it was painted. */
  age: number | undefined;
}

export interface WalleyeSoundDetail {
  /**
   * off · waiting (the camera is being opened) · on · none (the camera sends none) · unsupported (in a coding that is not taken) ·
   * failed · unplayable (by this browser) · blocked (it wants a touch first)
   */
  state: string;
  /** 0 to 1, as loudness is felt; undefined: not known in this browser. */
  level: number | undefined;
  /** Milliseconds that what is heard is old. */
  age: number | undefined;
  /** The camera offers sound. */
  available: boolean;
}

export declare class WalleyeCamera extends HTMLElement {
  /** The camera is listened to: one at a time on a page. To be set to true in the handler of a click. */
  listening: boolean;
  /** 0 to 1. */
  volume: number;
  readonly sound: WalleyeSoundDetail;
  readonly state: WalleyeStateDetail;
  /** Pictures a second. */
  readonly rate: number;
  readonly counts: { readonly decoded: number; readonly dropped: number; readonly painted: number };
}

declare global {
  interface HTMLElementTagNameMap {
    'walleye-camera': WalleyeCamera;
  }
  interface HTMLElementEventMap {
    'walleye-state': CustomEvent<WalleyeStateDetail>;
    'walleye-painted': CustomEvent<WalleyePaintedDetail>;
    'walleye-sound': CustomEvent<WalleyeSoundDetail>;
  }
}
