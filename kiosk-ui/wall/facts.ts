import type { Camera, ServerEvent } from '../../daemon/schema.ts';
import { isProblem, type Trouble } from './problems.ts';
import type { StreamFact } from './tileState.ts';

type StreamsEvent = Extract<ServerEvent, { type: 'streams' }>;

/** Milliseconds for which a stream that failed is not tried again while another of its camera plays. */
const AVOID = 60_000;

/** What is known of cameras and streams: read from the API, kept up by events. */
export class Facts {
  #cameras = new Map<string, Camera>();
  #streams = new Map<string, StreamFact>();
  #failedAt = new Map<string, number>();

  /** `unixNow` in milliseconds. */
  setCameras(cameras: readonly Camera[], unixNow: number): void {
    this.#cameras = new Map(cameras.map((camera) => [camera.id, camera]));
    const streams = cameras.flatMap((camera) => camera.streams);
    for (const { name, state } of streams) {
      if (!this.#streams.has(name)) this.#streams.set(name, { state, since: unixNow / 1000, message: null });
    }
    const names = new Set(streams.map(({ name }) => name));
    for (const map of [this.#streams, this.#failedAt]) {
      for (const name of map.keys()) if (!names.has(name)) map.delete(name);
    }
  }

  apply(event: StreamsEvent, now: number): void {
    for (const { name, state, since, message } of event.streams) {
      this.#streams.set(name, { state, since, message });
      if (state === 'gone' || state === 'refused') this.#failedAt.set(name, now);
    }
  }

  camera(id: string): Camera | undefined {
    return this.#cameras.get(id);
  }

  cameraIds(): string[] {
    return [...this.#cameras.keys()];
  }

  /** Cameras none of whose streams works, but for those that somebody stopped. `seen`: known better by its tile. */
  troubles(seen: (camera: string) => boolean): Trouble[] {
    return [...this.#cameras.values()].flatMap(({ id, name, streams }) => {
      if (seen(id)) return [];
      const facts = streams
        .map((stream) => this.#streams.get(stream.name))
        .filter((fact) => fact !== undefined);
      const wanted = facts.filter(({ state }) => state !== 'stopped');
      const troubles = wanted.flatMap(({ state, since }) =>
        isProblem(state) ? [{ kind: state, name, since }] : [],
      );
      const [first] = troubles;
      return first && troubles.length === wanted.length ? [first] : [];
    });
  }

  fact(stream: string): StreamFact | undefined {
    return this.#streams.get(stream);
  }

  failedLately(stream: string, now: number): boolean {
    const failedAt = this.#failedAt.get(stream);
    return failedAt !== undefined && now - failedAt < AVOID;
  }
}
