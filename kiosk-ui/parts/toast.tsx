import { signal } from '@preact/signals';

/** Milliseconds. */
const SHOWN = 4_000;
const toasts = signal<readonly { id: number; text: string }[]>([]);
let last = 0;

/** Says shortly that something was done. Never for errors: those stay where they happened. */
export function toast(text: string): void {
  const id = ++last;
  toasts.value = [...toasts.peek(), { id, text }];
  setTimeout(() => {
    toasts.value = toasts.peek().filter((one) => one.id !== id);
  }, SHOWN);
}

export function ToastBoard() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
