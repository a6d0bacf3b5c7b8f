import type { ElementWords } from './elementState.ts';

const STYLE = `
  :host {
    display: block; position: relative; overflow: hidden; aspect-ratio: 16 / 9; contain: content;
    background: #14181d; color: #f2f5f8; container-type: inline-size;
    font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  }
  :host([hidden]) { display: none; }
  :host([fit="cover"]) { --walleye-fit: cover; }
  :host([fit="fill"]) { --walleye-fit: fill; }
  [part="picture"] { position: absolute; inset: 0; }
  p { margin: 0; }
  [part="name"], [part="late"] {
    position: absolute; padding: .15em .5em; border-radius: .25em; background: rgb(0 0 0 / .65);
    font-size: clamp(11px, 3.5cqi, 18px); line-height: 1.4; max-width: 90%; overflow: hidden;
    white-space: nowrap; text-overflow: ellipsis; box-sizing: border-box;
  }
  [part="name"] { left: .4em; bottom: .4em; }
  [part="late"] { right: .4em; top: .4em; background: #ffd34d; color: #000; font-weight: 600; }
  [part="overlay"] {
    position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
    justify-content: center; gap: .3em; padding: 4%; box-sizing: border-box; text-align: center;
    background: rgb(11 13 16 / .82); font-size: clamp(11px, 4cqi, 24px); line-height: 1.25;
  }
  [part="title"] { font-size: 1.6em; font-weight: 700; }
  [part="overlay"].alarming { box-shadow: inset 0 0 0 max(3px, 1cqi) #e5341d; }
  [part="time"] { color: #ffd34d; font-variant-numeric: tabular-nums; }
  [part="note"] { color: #c9d2db; font-size: .8em; }
  p:empty, [part="overlay"].none, [hidden] { display: none; }
  [part="sound"] {
    position: absolute; right: .3em; bottom: .3em; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 50%;
    background: rgb(0 0 0 / .65); color: inherit; cursor: pointer; overflow: hidden; display: grid; place-items: center;
  }
  [part="sound"][hidden] { display: none; }
  [part="sound"]:focus-visible { outline: 3px solid #ffd34d; outline-offset: -3px; }
  [part="sound"] svg { width: 24px; fill: none; stroke: currentColor; stroke-width: 2; position: relative; }
  [part="sound"] i { position: absolute; left: 0; right: 0; bottom: 0; background: #2f9e57; }
  [part="sound"]:not([aria-pressed="true"]) path:nth-child(2), [part="sound"][aria-pressed="true"] path:nth-child(3) { display: none; }
`;

/** Constructed, not a `<style>`: a page's content security policy may forbid styles within it. One for all elements. */
let sheet: CSSStyleSheet | undefined;

/** What is drawn in a `<walleye-camera>`: the picture, its name, how late it is, what is wrong with it. */
export class ElementView {
  readonly picture = part('div', 'picture');
  readonly #name = part('p', 'name');
  readonly #late = part('p', 'late');
  readonly #overlay = part('div', 'overlay');
  readonly #title = part('p', 'title');
  readonly #time = part('p', 'time');
  readonly #note = part('p', 'note');
  /** Whoever touches it hears the camera. */
  readonly sound = document.createElement('button');
  readonly #level = document.createElement('i');

  constructor(root: ShadowRoot) {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    root.adoptedStyleSheets = [sheet];
    // Read out when it changes; the time, which changes every second, is not.
    this.#title.setAttribute('role', 'status');
    this.#overlay.append(this.#title, this.#time, this.#note);
    this.sound.setAttribute('part', 'sound');
    this.sound.type = 'button';
    this.sound.hidden = true;
    this.sound.append(speaker(), this.#level);
    root.append(this.picture, this.#name, this.#late, this.#overlay, this.sound);
    this.show({ title: '', time: '', note: '' }, '', false);
  }

  /** @param level 0 to 1 @param on somebody listens; undefined: there is no sound */
  showSound(on: boolean | undefined, words: string, level = 0): void {
    const { sound } = this;
    sound.hidden = on === undefined;
    sound.ariaPressed = String(on === true);
    sound.title = words;
    this.#level.style.height = on ? `${Math.round(level * 100)}%` : '0';
  }

  /** @param alarming people may not take what is beneath for live */
  show({ title, time, note }: ElementWords, name: string, alarming: boolean): void {
    write(this.#name, name);
    write(this.#late, title === '' ? time : '');
    write(this.#title, title);
    write(this.#time, title === '' ? '' : time);
    write(this.#note, note);
    this.#overlay.classList.toggle('none', title === '');
    this.#overlay.classList.toggle('alarming', alarming);
  }
}

function part(tag: 'div' | 'p', name: string): HTMLElement {
  const element = document.createElement(tag);
  element.setAttribute('part', name);
  return element;
}

/** The same as the wall's mark. Of two lines: what is not heard is crossed out. */
function speaker(): SVGElement {
  const make = (tag: string, name: string, value: string) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    element.setAttribute(name, value);
    return element as SVGElement;
  };
  const svg = make('svg', 'viewBox', '0 0 24 24');
  svg.append(
    make('path', 'd', 'M3 9v6h4l5 5V4L7 9z'),
    make('path', 'd', 'M16 8a5 5 0 0 1 0 8M18.5 5a9 9 0 0 1 0 14'),
    make('path', 'd', 'M16 9l6 6M22 9l-6 6'),
  );
  return svg;
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
