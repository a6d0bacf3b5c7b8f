import { computed, signal } from '@preact/signals';
import type { ServerEvent } from '../../daemon/schema.ts';
import { readSystem } from '../api/client.ts';
import { EventsSocket } from '../api/eventsSocket.ts';
import { Access } from './access.ts';
import { adminAddresses } from './adminAddresses.ts';
import { AlarmDesk } from './alarmDesk.ts';
import { BoxNews } from './boxNews.ts';
import { ConfigurationReader } from './configuration.ts';
import { Facts } from './facts.ts';
import { Gestures } from './gestures.ts';
import { phoneColumns } from './grid.ts';
import type { Action } from './keys.ts';
import { Operator } from './operator.ts';
import { Painted } from './painted.ts';
import { stuckFor } from './paintProof.ts';
import { PictureOpener } from './pictureOpener.ts';
import { type Configuration, FIRST_PLACE, hasTurned, type Place, promoted, sceneAt } from './plan.ts';
import { PtzControl } from './ptz.ts';
import { Repair } from './repair.ts';
import { isScreenOff, localTime, scheduledEntry } from './schedule.ts';
import { darkScreens, screenOf } from './screens.ts';
import { type Arrangement, Stage } from './stage.ts';
import { Strip } from './strip.ts';
import { Talking } from './talking.ts';
import type { Moment, Tile } from './tile.ts';
import { UNREACHABLE } from './tileState.ts';
import { viewOf } from './view.ts';

/** Milliseconds between two looks at everything; events and pictures make for looks in between. */
const TICK = 250;
/** A window that is being drawn larger asks for new pictures when it has come to rest. */
const RESIZE_REST = 400;
/** CSS pixels: an upright screen narrower than this is a phone. */
const PHONE_WIDTH = 600;
/** Walls with more tiles than this take their pictures on the daemon's common tick: the browser then composes less. */
const UNPACED_TILES = 4;
/** The next layout's pictures are opened so many milliseconds before its turn … */
const AHEAD = 3_000;
/** … unless they are so many that some address would get more connections than the browser opens. */
const MOST_PREPARED = 32;
/** A touch lights a dark screen for so long. */
const LIT = 60_000;

/** The page: reads what to show, listens to the daemon, and keeps the tiles up to date by one clock. */
export class Wall {
  readonly #number = screenOf(location.search);
  readonly access = new Access(this.#number);
  readonly alarms = new AlarmDesk();
  readonly ptz = new PtzControl();
  readonly talking = new Talking();
  readonly strip = new Strip();
  readonly news = new BoxNews();
  readonly stage: Stage;
  readonly operator: Operator;
  readonly gestures: Gestures;
  /** False: no camera yet. Undefined: not known yet. */
  readonly configured = signal<boolean | undefined>(undefined);
  /** The layout that the address names and that is not there. */
  readonly missing = signal<string | undefined>(undefined);
  /** Of the admin page, as other machines reach it; known while there is no camera. */
  readonly addresses = signal<readonly string[]>([]);
  /** The daemon has been away for longer than a moment. */
  readonly unreachable = signal(false);
  /** The screen is off by the hours that somebody set. */
  readonly dark = signal(false);
  readonly #alarmed = signal<Tile | undefined>(undefined);
  /** The tile over the whole screen, by hand or by an alarm. */
  readonly full = computed(() => this.operator.full.value ?? this.#alarmed.value);
  #facts = new Facts();
  #reader = new ConfigurationReader(this.#facts, this.#number, viewOf(location.pathname), (read) =>
    this.#configure(read),
  );
  #opener = new PictureOpener();
  readonly socket: EventsSocket;
  #painted = new Painted();
  #repair = new Repair();
  #configuration: Configuration | undefined;
  #place: Place = FIRST_PLACE;
  #turns = 0;
  #darkScreens: number[] = [];
  #count = 0;
  #downSince: number | undefined = performance.now();
  #instance: string | undefined;
  #version: string | undefined;
  #soon = false;
  #screen = { width: innerWidth, height: innerHeight };
  #resizedAt = -Infinity;

  constructor() {
    const { protocol, host } = location;
    this.socket = new EventsSocket({
      url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/events?page=${this.#opener.page}&screen=${this.#number}`,
      event: (event) => this.#event(event),
      connection: (open) => this.#connection(open),
    });
    this.stage = new Stage({
      camera: (id) => this.#facts.camera(id),
      fact: (stream) => this.#facts.fact(stream),
      failedLately: (stream) => this.#facts.failedLately(stream, performance.now()),
      openPicture: (slot, wish, changed) => this.#opener.open(slot, wish, changed),
      changed: () => this.#lookSoon(),
    });
    const full = () => this.full.peek();
    const turn = (step: 1 | -1 | { index: number }) => this.#turn(step);
    this.operator = new Operator({
      tiles: () => this.stage.inOrder(),
      full,
      ptz: this.ptz,
      turn,
      acknowledge: (camera) => this.alarms.acknowledge(camera),
      dismiss: () => this.alarms.dismiss(),
      read: () => this.news.dismiss(),
      changed: () => this.#look(),
    });
    this.gestures = new Gestures(this.operator, this.ptz, full, (step) =>
      this.operator.act({ do: step > 0 ? 'next' : 'previous' }, performance.now()),
    );
  }

  /** Begins, for the page's life. */
  start(): void {
    setInterval(() => this.#tick(), TICK);
    addEventListener('resize', () => {
      this.#resizedAt = performance.now();
    });
    this.#tick();
  }

  /** Somebody moved the pointer, touched the screen or pressed a key. True: that only lit the dark screen. */
  touched(): boolean {
    const now = performance.now();
    const lights = this.dark.peek();
    this.operator.touched(now);
    this.alarms.tone.touched(now);
    if (lights) this.#look();
    return lights;
  }

  act(action: Action): void {
    this.operator.act(action, performance.now());
  }

  #tick(): void {
    const now = performance.now();
    this.access.tick(now);
    if (this.access.entrance.peek() === 'wall') {
      this.#opener.ticket = this.access.session.peek()?.ticket ?? null;
      this.socket.tick(now);
    }
    // Without a daemon there is nothing to read; the hello says when there is one.
    if (this.#downSince === undefined) {
      this.#reader.tick(now);
      this.#opener.findShards(now, () => this.#lookSoon());
    }
    this.operator.tick(now);
    this.news.tick({
      now,
      touchedAt: this.operator.touchedAt,
      entrance: this.access.entrance.peek(),
      session: this.access.session.peek(),
      empty: this.configured.peek() !== true,
    });
    this.ptz.tick(now);
    this.#look();
    const tiles = this.stage.tiles.peek();
    this.#painted.tick(tiles, this.full.peek(), now, (event) =>
      this.socket.send({ ...event, dark: this.#darkScreens, turns: this.#turns }),
    );
    this.#mend(tiles, now);
    const shown = new Map(tiles.map((tile) => [tile.camera, tile.trouble]));
    const { wall_clock, time_zone } = this.access.settings.peek();
    this.strip.tick({
      now,
      unixNow: Date.now(),
      troubles: [...shown.values(), ...this.#facts.troubles((camera) => shown.has(camera))].filter(
        (trouble) => trouble !== undefined,
      ),
      news: this.news.line.peek(),
      clock: wall_clock && time_zone !== '',
      width: this.#screen.width,
      height: this.#screen.height,
    });
  }

  /** One look however much happens at once. */
  #lookSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#look();
    });
  }

  #look(): void {
    const now = performance.now();
    const { operator } = this;
    this.unreachable.value =
      this.access.entrance.peek() !== 'signIn' &&
      this.#downSince !== undefined &&
      now - this.#downSince > UNREACHABLE;
    if (now - this.#resizedAt > RESIZE_REST) this.#screen = { width: innerWidth, height: innerHeight };
    const configuration = this.#configuration;
    if (!configuration || !this.#opener.ready) return;
    this.alarms.look({
      now,
      touchedAt: operator.touchedAt,
      manual: operator.full.peek() !== undefined,
      knows: (camera) => this.#facts.camera(camera) !== undefined,
    });
    const local = localTime(Date.now(), this.access.settings.peek().time_zone || undefined);
    const alarmed = this.alarms.focus.peek() !== undefined;
    const dark = !alarmed && now - operator.touchedAt >= LIT && isScreenOff(configuration.wall, local);
    this.dark.value = dark;
    this.#darkScreens = darkScreens(configuration.walls, { screen: this.#number, dark }, alarmed, local);
    if (dark || configuration.missing !== undefined) {
      this.stage.abandon();
      this.stage.guest(undefined);
      this.stage.show({ plans: [], rects: [] });
    } else this.#arrange(configuration, scheduledEntry(configuration.wall, local), now);

    const tiles = this.stage.tiles.peek();
    operator.forget((tile) => !tiles.includes(tile) || tile.camera === undefined);
    const full = this.full.peek();
    const moment = this.#moment(now);
    const others = this.#opener.most(now) - (full ? 1 : 0);
    for (const tile of tiles) {
      const mayOpen = tile === full || tile.slot < others;
      const held = tile === full || operator.held.peek() || tile === operator.chosen.peek();
      tile.update(moment, tile === full, mayOpen, held);
    }
    const aimed = full?.camera === undefined ? undefined : this.#facts.camera(full.camera);
    this.ptz.aim(aimed?.ptz && this.access.mayMove ? aimed.id : undefined);
    // The box's own screen has no microphone.
    const far = this.#opener.ready && !this.#opener.sharded && this.access.mayTalk;
    const alone = full ?? (tiles.length === 1 ? tiles[0] : undefined);
    this.talking.aim(far ? alone?.camera : undefined);
  }

  #moment(now: number): Moment {
    const { unchanged_seconds: unchanged } = this.access.settings.peek();
    return {
      now,
      unixNow: Date.now(),
      downSince: this.#downSince,
      screen: this.#screen,
      pixelRatio: devicePixelRatio,
      paced: this.stage.tiles.peek().length > UNPACED_TILES,
      unchangedLimit: unchanged > 0 ? unchanged * 1000 : Infinity,
    };
  }

  /** Makes the tiles those of the layout in turn, and of the alarm that has the word. */
  #arrange(configuration: Configuration, entry: number, now: number): void {
    const { width, height } = this.#screen;
    const aspect = width / height;
    const phone = width < PHONE_WIDTH && aspect < 1;
    const focus = this.alarms.focus.peek();
    const held = this.operator.full.peek() !== undefined || focus !== undefined || this.operator.held.peek();
    const scene = sceneAt(configuration, this.#place, {
      now,
      entry,
      held,
      ready: this.stage.ready,
      aspect: phone ? 1 / aspect : aspect,
    });
    if (hasTurned(this.#place, scene.place)) this.#turns++;
    this.#place = scene.place;
    this.#count = scene.count;
    const arrangement = (plans: Arrangement['plans']): Arrangement => ({
      plans,
      rects: phone ? phoneColumns(plans, aspect) : plans,
    });
    const plans = focus?.action === 'promote' ? promoted(scene.tiles, focus.camera) : scene.tiles;
    this.stage.show({ ...arrangement(plans), layout: scene.layout });

    const { next } = scene;
    const few = Math.max(scene.tiles.length, next?.tiles.length ?? 0) <= MOST_PREPARED;
    if (next && few && this.#opener.sharded && now >= next.due - AHEAD) {
      this.stage.prepare(arrangement(next.tiles), this.#moment(now));
    } else this.stage.abandon();

    if (focus?.action === 'full_screen') {
      const own = this.stage.inOrder().find(({ camera }) => camera === focus.camera);
      this.stage.guest(own ? undefined : focus.camera);
      this.#alarmed.value = own ?? this.stage.tiles.peek().find(({ position }) => position.peek() < 0);
    } else {
      this.stage.guest(undefined);
      this.#alarmed.value = undefined;
    }
  }

  #turn(step: 1 | -1 | { index: number }): void {
    if (this.#count === 0) return;
    const index = typeof step === 'number' ? this.#place.index + step : step.index;
    if (typeof step !== 'number' && index >= this.#count) return;
    this.#place = {
      ...this.#place,
      index: (index + this.#count) % this.#count,
      since: performance.now(),
    };
    this.#look();
  }

  #configure(configuration: Configuration): void {
    if (!this.#configuration) this.#place = { ...FIRST_PLACE, since: performance.now() };
    this.#configuration = configuration;
    this.configured.value = configuration.cameras.length > 0;
    this.missing.value = configuration.missing;
    if (configuration.cameras.length === 0) void this.#findAddresses();
    this.#lookSoon();
  }

  async #findAddresses(): Promise<void> {
    const system = await readSystem();
    const others = this.access.session.peek()?.auth_required ?? false;
    if (system.ok) this.addresses.value = adminAddresses(system.value.addresses, others, location);
  }

  #connection(open: boolean): void {
    if (open) {
      this.#downSince = undefined;
      this.#reader.reread();
      this.news.reread();
    } else this.#downSince ??= performance.now();
    // It may have been closed because we are not signed in any more.
    this.access.reread();
    this.#lookSoon();
  }

  #event(event: ServerEvent): void {
    const now = performance.now();
    switch (event.type) {
      case 'hello':
        this.#hello(event.instance, event.version);
        break;
      case 'streams':
        this.#facts.apply(event, now);
        break;
      case 'pictures':
        this.strip.steppedDown = event.stepped_down;
        this.stage.reported(event.pictures, now);
        break;
      case 'alarms':
        this.alarms.hear(event.alarms, event.rules, this.access.settings.peek().wall_alarm_sound, now);
        break;
      case 'repair':
        if (event.action === 'reload') this.#repair.reload();
        else this.#reopen((viewer) => event.viewer === null || viewer === event.viewer, now);
        break;
      case 'changed':
        if (event.what === 'settings' || event.what === 'session') this.access.reread();
        else if (event.what === 'update' || event.what === 'provisioning') this.news.reread();
        else {
          this.#reader.reread();
          this.#reader.tick(now);
        }
        break;
    }
    this.#lookSoon();
  }

  #reopen(which: (viewer: string) => boolean, now: number): void {
    for (const tile of this.stage.tiles.peek()) {
      const viewer = tile.pictures.shown?.viewer;
      if (viewer !== undefined && which(viewer)) tile.pictures.replace(viewer, now);
    }
  }

  /** What the daemon has said nothing about. */
  #mend(tiles: readonly Tile[], now: number): void {
    for (const tile of tiles) {
      const { shown, deadSince } = tile.pictures;
      if (!shown || deadSince !== undefined) continue;
      if (!this.#repair.isOverdue(stuckFor(shown.proof, now))) continue;
      tile.pictures.replace(shown.viewer, now);
      if (this.#repair.again(tile.slot, now)) this.#repair.reload();
    }
  }

  #hello(instance: string, version: string): void {
    if (this.#version !== undefined && this.#version !== version) {
      location.reload();
      return;
    }
    this.#version = version;
    if (this.#instance !== undefined && this.#instance !== instance) {
      this.#opener.forget();
      for (const tile of this.stage.tiles.peek()) tile.pictures.reopen();
    }
    this.#instance = instance;
  }
}
