import { answers } from '../api/client.ts';
import { Picture, type PictureWish } from './picture.ts';
import { isLocal, pictureUrl, shardAddress } from './pictureUrl.ts';

/** Milliseconds between two attempts to reach the other loopback addresses. */
const SHARDS_PAUSE = 5_000;

/** Opens pictures: from which address, as which viewer, and whether their pixels may be read back. */
export class PictureOpener {
  /** Names this page to the daemon. Not randomUUID(): browsers keep that from pages that came over plain HTTP. */
  readonly page = [...crypto.getRandomValues(new Uint8Array(6))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  /** Where the session's cookie does not go. */
  ticket: string | null = null;
  #opened = 0;
  /** Whether pictures may be spread over loopback addresses; undefined until tried. */
  #sharded: boolean | undefined;
  #shardsTriedAt = -Infinity;
  /** Whether other addresses give pixels away: undefined until one way has worked. */
  #readable: boolean | undefined;
  #ask = true;

  get sharded(): boolean | undefined {
    return this.#sharded;
  }

  open(slot: number, wish: PictureWish, changed: () => void): Picture {
    const viewer = `${this.page}.${slot}-${++this.#opened}`;
    const { protocol, port, host } = location;
    const far = this.#sharded === true;
    const origin = far ? `${protocol}//${shardAddress(slot)}${port && `:${port}`}` : `${protocol}//${host}`;
    const cors = far && (this.#readable ?? this.#ask);
    const picture: Picture = new Picture({
      url: pictureUrl({ origin, viewer, ticket: far ? this.ticket : null, ...wish }),
      viewer,
      wish,
      now: performance.now(),
      cors,
      changed: () => {
        if (far) this.#learn(cors, picture);
        changed();
      },
    });
    return picture;
  }

  /** A daemon that does not share its pixels refuses the whole picture: then it is asked for without. */
  #learn(cors: boolean, { paintedAt, failed }: Picture): void {
    if (paintedAt !== undefined && !failed) {
      if (cors || !this.#ask) this.#readable = cors;
    } else if (this.#readable === undefined) this.#ask = !cors;
  }

  /** The daemon is another one than before. */
  forget(): void {
    this.#readable = undefined;
    this.#ask = true;
  }

  /**
   * A page on the box may use every loopback address, unless it came through a tunnel that has just one. Found once,
   * true for the page's life; tried again until then.
   */
  findShards(now: number, found: () => void): void {
    if (this.#sharded || now - this.#shardsTriedAt <= SHARDS_PAUSE) return;
    this.#shardsTriedAt = now;
    const { protocol, hostname, port } = location;
    const url = `${protocol}//${shardAddress(0)}${port && `:${port}`}/api/health`;
    if (!isLocal(hostname)) {
      this.#sharded = false;
      found();
    } else {
      void answers(url).then((yes) => {
        this.#sharded = yes;
        found();
      });
    }
  }
}
