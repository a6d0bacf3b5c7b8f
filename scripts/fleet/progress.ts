/** Who is how far: on a terminal one line a box, drawn anew; elsewhere a line for everything that happens. */
import type { WriteStream } from 'node:tty';

export class Progress {
  readonly #out: NodeJS.WriteStream | WriteStream;
  readonly #clean: (text: string) => string;
  readonly #width: number;
  readonly #said = new Map<string, string>();
  readonly #redraw: boolean;
  #drawn = 0;

  /** @param clean takes secrets and control characters out of what boxes say */
  constructor(labels: string[], out: NodeJS.WriteStream, clean: (text: string) => string) {
    this.#out = out;
    this.#clean = clean;
    this.#width = Math.max(...labels.map((label) => label.length));
    // More boxes than the terminal has lines cannot be drawn anew.
    this.#redraw = out.isTTY === true && labels.length < (out.rows ?? 24);
    if (this.#redraw) for (const label of labels) this.#said.set(label, 'waits');
    this.#draw();
  }

  say(label: string, text: string): void {
    const line = this.#clean(text);
    if (!this.#redraw) {
      this.#out.write(`${label.padEnd(this.#width)}  ${line}\n`);
      return;
    }
    this.#said.set(label, line);
    this.#draw();
  }

  /** A line that stays, above the others. */
  print(text: string): void {
    if (this.#redraw && this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
    this.#out.write(`${this.#clean(text)}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#redraw) return;
    const columns = this.#out.columns ?? 80;
    const lines = [...this.#said].map(([label, text]) =>
      `${label.padEnd(this.#width)}  ${text}`.slice(0, columns - 1),
    );
    this.#out.write(
      `${this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''}${lines.map((line) => `${line}\x1b[K\n`).join('')}`,
    );
    this.#drawn = lines.length;
  }
}
