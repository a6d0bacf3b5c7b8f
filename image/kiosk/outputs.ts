/** The outputs of the compositor that runs: which there are, and how they are switched. */
import { existsSync } from 'node:fs';
import { CAGE_HEADLESS, powerArgs, rotateArgs } from './cage.ts';
import { type Connector, force, readConnectors } from './connectors.ts';
import { ask, type Vars } from './programs.ts';
import { numbered } from './screens.ts';
import { type KioskSettings, rotationOf } from './settings.ts';
import { headlessOutputs } from './weston.ts';

/** A screen with its number. */
export interface Output extends Connector {
  screen: number;
  /** The compositor shows something on it. */
  ready: boolean;
  switchable: boolean;
}

export interface Outputs {
  /** All connectors that there have ever been, for weston.ini. */
  readonly names: readonly string[];
  readonly known: readonly string[];
  read(): Output[];
  /** @returns false: it cannot */
  power(output: Output, on: boolean): Promise<boolean>;
  detect(output: Output): void;
  /** Those that an earlier kiosk has left switched off. */
  release(): void;
}

interface Compositor {
  socket: string;
  env: Vars;
}

export function outputsOf(
  settings: KioskSettings,
  known: readonly string[],
  compositor: Compositor,
): Outputs {
  if (settings.headless) return new HeadlessOutputs(settings, settings.headless, compositor);
  return settings.compositor === 'cage'
    ? new CageOutputs(settings, compositor)
    : new WestonOutputs(settings, known, compositor);
}

const shown = ({ connected, mode, enabled }: Connector, { socket }: Compositor): boolean =>
  connected && mode !== '' && enabled && existsSync(socket);

/** A screen each. Weston has no way to switch an output off by order, and follows the kernel. */
class WestonOutputs implements Outputs {
  known: string[];
  names: string[] = [];
  readonly #settings: KioskSettings;
  readonly #compositor: Compositor;
  /** That the kernel did not let us switch. */
  readonly #fixed = new Set<string>();

  constructor(settings: KioskSettings, known: readonly string[], compositor: Compositor) {
    this.known = [...known];
    this.#settings = settings;
    this.#compositor = compositor;
  }

  read(): Output[] {
    const connectors = readConnectors();
    this.names = [...new Set([...this.names, ...connectors.map(({ name }) => name)])];
    const connected = connectors.filter((one) => one.connected).map(({ name }) => name);
    this.known = numbered(this.known, connected, this.#settings.pinned);
    return this.known.flatMap((name, index): Output[] => {
      const connector = connectors.find((one) => one.name === name);
      if (!connector) return [];
      const ready = shown(connector, this.#compositor);
      return [{ ...connector, screen: index + 1, ready, switchable: !this.#fixed.has(name) }];
    });
  }

  async power(output: Output, on: boolean): Promise<boolean> {
    const done = force(output, on ? 'detect' : 'off');
    if (!done) this.#fixed.add(output.name);
    return done;
  }

  detect(output: Output): void {
    force(output, 'detect');
  }

  release(): void {
    for (const connector of readConnectors()) if (!connector.connected) force(connector, 'detect');
  }
}

/** One screen, whichever connector it is at. */
class CageOutputs implements Outputs {
  readonly names: readonly string[] = [];
  readonly known: readonly string[] = [];
  readonly #settings: KioskSettings;
  readonly #compositor: Compositor;
  #last = '';
  #turned = '';

  constructor(settings: KioskSettings, compositor: Compositor) {
    this.#settings = settings;
    this.#compositor = compositor;
  }

  read(): Output[] {
    const connectors = readConnectors();
    const inTurn = [...connectors].sort((a, b) => this.#rank(a) - this.#rank(b));
    const connector =
      inTurn.find(({ connected }) => connected) ?? inTurn.find(({ name }) => name === this.#last);
    if (!connector) return [];
    this.#last = connector.name;
    const ready = shown(connector, this.#compositor);
    this.#rotate(connector.name, ready);
    return [{ ...connector, screen: 1, ready, switchable: true }];
  }

  #rank({ name }: Connector): number {
    const place = this.#settings.pinned.indexOf(name);
    return place < 0 ? Infinity : place;
  }

  /** Cage does not turn anything by itself; an output that came back hangs as at first. */
  #rotate(name: string, ready: boolean): void {
    const degrees = rotationOf(this.#settings, 1);
    if (!ready) this.#turned = '';
    if (!ready || degrees === 0 || this.#turned === name) return;
    this.#turned = name;
    void ask('wlr-randr', rotateArgs(name, degrees), { env: this.#compositor.env });
  }

  async power({ name }: Output, on: boolean): Promise<boolean> {
    this.#turned = '';
    return (await ask('wlr-randr', powerArgs(name, on), { env: this.#compositor.env })) !== undefined;
  }

  detect(output: Output): void {
    force(output, 'detect');
  }

  release(): void {}
}

/** No monitor at all: for tests. */
class HeadlessOutputs implements Outputs {
  readonly names: readonly string[];
  readonly known: readonly string[];
  readonly #size: string;
  readonly #cage: boolean;
  readonly #compositor: Compositor;

  constructor(
    { compositor }: KioskSettings,
    headless: NonNullable<KioskSettings['headless']>,
    running: Compositor,
  ) {
    this.#cage = compositor === 'cage';
    this.names = this.#cage ? [CAGE_HEADLESS] : headlessOutputs(headless);
    this.known = this.names;
    this.#size = `${headless.width}x${headless.height}`;
    this.#compositor = running;
  }

  read(): Output[] {
    const ready = existsSync(this.#compositor.socket);
    return this.names.map((name, index) => ({
      ...{ name, folder: '', connected: true, mode: this.#size, enabled: true, id: undefined },
      ...{ screen: index + 1, ready, switchable: this.#cage },
    }));
  }

  async power({ name }: Output, on: boolean): Promise<boolean> {
    if (!this.#cage) return false;
    return (await ask('wlr-randr', powerArgs(name, on), { env: this.#compositor.env })) !== undefined;
  }

  detect(): void {}

  release(): void {}
}
