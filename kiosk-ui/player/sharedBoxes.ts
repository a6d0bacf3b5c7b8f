import type { Camera } from '../../daemon/schema.ts';
import { apiUrl, type BoxAddress } from './boxAddress.ts';
import { LiveSocket } from './liveSocket.ts';

/** Milliseconds that a socket outlives its last element: pages move elements by taking them out and putting them in. */
const LINGER = 500;
/** Milliseconds for which a list of cameras is good enough for other elements. */
const FRESH = 5_000;

/** One box as the elements of a page see it. */
export class SharedBox {
  readonly socket: LiveSocket;
  readonly #address: BoxAddress;
  #cameras: { at: number; list: Promise<Camera[]> } | undefined;

  constructor(address: BoxAddress) {
    this.#address = address;
    this.socket = new LiveSocket(address);
  }

  /**
   * The box's cameras with their streams.
   * @throws Error when the box refuses, or the browser: pages of other sites are not given the list
   */
  cameras(): Promise<Camera[]> {
    const now = performance.now();
    if (!this.#cameras || now - this.#cameras.at > FRESH) this.#cameras = { at: now, list: this.#fetch() };
    return this.#cameras.list;
  }

  async #fetch(): Promise<Camera[]> {
    const { base = location.origin, token } = this.#address;
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await fetch(apiUrl(base, 'api/cameras'), { headers });
    if (!answer.ok) throw new Error(`the box answers ${answer.status}`);
    return ((await answer.json()) as { cameras: Camera[] }).cameras;
  }
}

interface Entry {
  box: SharedBox;
  users: number;
  end: ReturnType<typeof setTimeout> | undefined;
}

const boxes = new Map<string, Entry>();

/** The box at that address: one socket, however many elements ask for it. @returns what gives it back, once */
export function shareBox(address: BoxAddress): { box: SharedBox; release: () => void } {
  const key = JSON.stringify([address.base, address.token]);
  let entry = boxes.get(key);
  if (!entry) {
    entry = { box: new SharedBox(address), users: 0, end: undefined };
    boxes.set(key, entry);
  }
  const shared = entry;
  clearTimeout(shared.end);
  shared.users++;
  return {
    box: shared.box,
    release: () => {
      if (--shared.users > 0) return;
      shared.end = setTimeout(() => {
        boxes.delete(key);
        shared.box.socket.close();
      }, LINGER);
    },
  };
}

/** @returns the camera of that id or name, or why there is none, one sentence */
export async function findCamera(box: SharedBox, camera: string): Promise<Camera | string> {
  try {
    const cameras = await box.cameras();
    const found = cameras.find(({ id }) => id === camera) ?? cameras.find(({ name }) => name === camera);
    if (!found) return `The box has no camera “${camera}”.`;
    return found.streams.length > 0 ? found : `The camera “${camera}” has no stream.`;
  } catch (error) {
    return (
      `The list of cameras could not be read (${error instanceof Error ? error.message : error}). ` +
      'Boxes keep it from pages of other sites: give the attribute “stream” there.'
    );
  }
}
