import { computed, signal } from '@preact/signals';
import type { LayoutBody } from '../../../daemon/schema.ts';
import { bodyOf, type Draft, draftOf, tileOf } from './draft.ts';
import { withCamera } from './fill.ts';
import { begun, changed, type History, redone, undone } from './history.ts';

/** A camera that is to go into a tile which shows another one already. */
export interface Question {
  tile: number;
  camera: string;
}

/** One layout under the user’s hands: what it is now, what it was, what is selected, which camera is in hand. */
export class Editing {
  readonly history = signal<History<Draft>>(begun(draftOf({ tiles: [] })));
  readonly draft = computed(() => this.history.value.now);
  readonly body = computed<LayoutBody>(() => bodyOf(this.draft.value));
  readonly selected = signal<readonly number[]>([]);
  /** A tap adds to the selection instead of replacing it. */
  readonly several = signal(false);
  readonly armed = signal<string | undefined>(undefined);
  readonly question = signal<Question | undefined>(undefined);
  /** The tile that something is being dragged over. */
  readonly over = signal<number | undefined>(undefined);
  /** What a screen reader is told. */
  readonly said = signal('');

  /** `about`: changes of the same thing in a row are undone together. */
  change(next: Draft, about?: string): void {
    this.history.value = changed(this.history.peek(), next, about);
    this.#mind();
  }

  begin(body: LayoutBody): void {
    this.history.value = begun(draftOf(body));
    this.#mind();
  }

  undo(): void {
    this.history.value = undone(this.history.peek());
    this.#mind();
  }

  redo(): void {
    this.history.value = redone(this.history.peek());
    this.#mind();
  }

  select(id: number, more = this.several.peek()): void {
    const now = this.selected.peek();
    if (!more) this.selected.value = [id];
    else this.selected.value = now.includes(id) ? now.filter((one) => one !== id) : [...now, id];
  }

  /** An empty tile takes the camera; about one that shows something the user is asked. */
  offer(tile: number, camera: string): void {
    this.armed.value = undefined;
    const shown = tileOf(this.draft.peek(), tile)?.cameras;
    if (!shown) return;
    if (shown.length === 0) this.put(tile, camera, 'replace');
    else if (!(shown.length === 1 && shown[0] === camera)) this.question.value = { tile, camera };
  }

  put(tile: number, camera: string, how: 'replace' | 'add'): void {
    this.question.value = undefined;
    this.change(withCamera(this.draft.peek(), tile, camera, how));
    this.selected.value = [tile];
  }

  /** What is selected is there. */
  #mind(): void {
    const draft = this.draft.peek();
    const kept = this.selected.peek().filter((id) => tileOf(draft, id));
    if (kept.length !== this.selected.peek().length) this.selected.value = kept;
  }
}
