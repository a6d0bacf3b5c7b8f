import { signal } from '@preact/signals';
import type { TalkControl, TalkView } from '../talk/index.ts';

/** Talking through the camera that is alone on the page. Its code is loaded when somebody who may talk opens a camera. */
export class Talking {
  readonly part = signal<{ talk: TalkControl; View: typeof TalkView } | undefined>(undefined);
  #camera: string | undefined;
  #loading = false;

  /** The camera that is alone; undefined: none, or one that we may not talk through. */
  aim(camera: string | undefined): void {
    this.#camera = camera;
    const part = this.part.peek();
    if (part) part.talk.aim(camera);
    else if (camera !== undefined && !this.#loading) void this.#load();
  }

  async #load(): Promise<void> {
    this.#loading = true;
    try {
      const { TalkControl, TalkView: View } = await import('../talk/index.ts');
      const talk = new TalkControl();
      talk.aim(this.#camera);
      this.part.value = { talk, View };
    } catch {
      // Another version of the box: the page is loaded anew soon.
    } finally {
      this.#loading = false;
    }
  }
}
