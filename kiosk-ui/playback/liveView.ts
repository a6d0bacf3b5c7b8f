/** The cameras as they are now, on one socket: what “Live” on the playback page shows. Loaded when it is wanted. */
import type { Camera } from '../../daemon/schema.ts';
import { LivePicture } from '../player/livePicture.ts';
import { LiveSocket } from '../player/liveSocket.ts';

/** CSS pixels: a tile that is wider gets the camera's best stream. */
const WIDE = 900;

export class LiveView {
  #socket = new LiveSocket();
  #pictures: LivePicture[] = [];

  /** @param hosts where each camera's picture belongs */
  show(hosts: readonly { camera: Camera; host: HTMLElement }[]): void {
    this.#clear();
    for (const { camera, host } of hosts) {
      const { width, height } = host.getBoundingClientRect();
      const profile = width > WIDE ? 'main' : 'sub';
      const stream = camera.streams.find((one) => one.profile === profile) ?? camera.streams[0];
      if (!stream) continue;
      const ratio = devicePixelRatio;
      const bounds = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
      const picture = new LivePicture(this.#socket, { stream: stream.name, subject: camera.id, ...bounds });
      picture.host.classList.add('live-picture');
      host.append(picture.host);
      this.#pictures.push(picture);
    }
  }

  close(): void {
    this.#clear();
    this.#socket.close();
  }

  #clear(): void {
    for (const picture of this.#pictures) {
      picture.close();
      picture.host.remove();
    }
    this.#pictures = [];
  }
}
