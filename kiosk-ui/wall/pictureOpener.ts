import { answers } from '../api/client.ts';
import { MjpegPicture } from './mjpegPicture.ts';
import type { Picture, PictureWish } from './picture.ts';
import { isLocal, pictureUrl, shardAddress, TILES_WITHOUT_SHARDS } from './pictureUrl.ts';
import { remoteSocket } from './remoteSocket.ts';

/** Milliseconds between two attempts to reach the other loopback addresses. */
const SHARDS_PAUSE = 5_000;
/** Where the live socket has never come about for so long, pictures are taken as `<img>`. */
const SOCKET_PATIENCE = 10_000;

interface RemotePictures {
  /** Something keeps the live socket away from this page: it has never come about, patient as we were. */
  isHopeless: (now: number) => boolean;
  open: (viewer: string, wish: PictureWish, changed: () => void) => Picture;
}

async function remotePictures(): Promise<RemotePictures> {
  const [socket, { RemotePicture }] = await Promise.all([remoteSocket(), import('./remotePicture.ts')]);
  const isHopeless = (now: number) =>
    !socket.connection.proven && now - socket.connection.since >= SOCKET_PATIENCE;
  const way = { socket, hopeless: () => isHopeless(performance.now()) };
  return { isHopeless, open: (viewer, wish, changed) => new RemotePicture(way, viewer, wish, changed) };
}

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
  #remote: RemotePictures | undefined;

  /** Whether it is known how pictures are opened here. */
  get ready(): boolean {
    return this.#sharded === true || (this.#sharded === false && this.#remote !== undefined);
  }

  get sharded(): boolean {
    return this.#sharded === true;
  }

  /** How many tiles may play. */
  most(now: number): number {
    return this.#sharded || this.#isRemote(now) ? Infinity : TILES_WITHOUT_SHARDS;
  }

  /** Whether pictures come by the live socket. A page on the box has many addresses, and `<img>` costs it the least. */
  #isRemote(now: number): boolean {
    return !this.#sharded && this.#remote !== undefined && !this.#remote.isHopeless(now);
  }

  open(slot: number, wish: PictureWish, changed: () => void): Picture {
    const viewer = `${this.page}.${slot}-${++this.#opened}`;
    if (this.#remote && this.#isRemote(performance.now())) return this.#remote.open(viewer, wish, changed);
    const { protocol, port, host } = location;
    const far = this.#sharded === true;
    const origin = far ? `${protocol}//${shardAddress(slot)}${port && `:${port}`}` : `${protocol}//${host}`;
    const cors = far && (this.#readable ?? this.#ask);
    const picture: Picture = new MjpegPicture({
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
   * A page on the box may use every loopback address, unless it came through a tunnel that has just one. Found once, true for the
   * page's life; tried again until then. Others take their pictures from the live socket.
   */
  findShards(now: number, found: () => void): void {
    if (this.#sharded || now - this.#shardsTriedAt <= SHARDS_PAUSE) return;
    this.#shardsTriedAt = now;
    const { protocol, hostname, port } = location;
    const url = `${protocol}//${shardAddress(0)}${port && `:${port}`}/api/health`;
    const local = isLocal(hostname) ? answers(url) : Promise.resolve(false);
    void local.then(async (yes) => {
      this.#sharded = yes;
      // The box's own screen does not load what it has no use for.
      if (!yes) this.#remote ??= await remotePictures();
      found();
    });
  }
}
