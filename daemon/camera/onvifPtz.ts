/**
 * Moves a camera over ONVIF: which profile has motors, and the calls. Runs in a thread of onvifThread.ts; ptz.ts decides
 * when. discover/README, case 31.
 */
import type { Ptz, PtzCommand, PtzPosition } from '../schema.ts';
import { OnvifError } from './onvifError.ts';
import {
  type Axes,
  NOT_MOVABLE,
  nodeOfProfile,
  PLACES,
  type Preset,
  type PtzNode,
  placed,
  type Range,
  readNodes,
  readPosition,
  readPresets,
  scaled,
  WAYS,
} from './onvifPtzReply.ts';
import { allProfiles, optional } from './onvifServices.ts';
import type { OnvifSession } from './onvifSession.ts';
import { escapeXml } from './onvifText.ts';

const NAMESPACE = 'http://www.onvif.org/ver20/ptz/wsdl';
const SCHEMA = 'http://www.onvif.org/ver10/schema';
/** For a camera that does not tell its motors. */
const ANY: PtzNode = {
  token: '',
  home: false,
  pan: { min: -1, max: 1 },
  tilt: { min: -1, max: 1 },
  zoom: { min: -1, max: 1 },
  absolute: PLACES,
  relative: WAYS,
};

type Move = Extract<PtzCommand, { action: 'move' }>;
/** The camera's own numbers; undefined: that axis stays as it is. */
type Place = Record<keyof Axes, number | undefined>;

export class OnvifPtz {
  readonly #session: OnvifSession;
  /** undefined: the camera has nothing that moves. */
  readonly #profile: string | undefined;
  readonly #node: PtzNode;
  /** The camera refuses `Timeout`: it only stops when it is told to. */
  #withoutTimeout = false;
  /** What moved last, and so has to be named in the next move to come to rest. */
  #turning = false;
  #zooming = false;

  private constructor(session: OnvifSession, profile: string | undefined, node: PtzNode) {
    this.#session = session;
    this.#profile = profile;
    this.#node = node;
  }

  /**
   * @param path of the device service, for cameras that do not tell where their PTZ service is
   * @param wanted profile tokens, the likeliest first. The first one with PTZ is taken; else any with PTZ; else, where the
   *   camera has motors, the likeliest.
   * @throws OnvifError
   */
  static async open(session: OnvifSession, path: string, wanted: readonly string[]): Promise<OnvifPtz> {
    const { cam } = session;
    const { profiles, answers } = await allProfiles(session);
    session.keepLogin();
    const named = profiles.filter(({ ptz }) => ptz).map(({ token }) => token);
    const service = cam.uri?.ptz?.path;
    if (!service && named.length === 0) return new OnvifPtz(session, undefined, ANY);
    if (!service) cam.uri = { ...cam.uri, ptz: { path } as NonNullable<typeof cam.uri>['ptz'] };
    const call = `<GetNodes xmlns="${NAMESPACE}"/>`;
    const nodes = await optional(
      async () => readNodes(await session.send('GetNodes', 'ptz', call)),
      undefined,
    );
    const known = new Set(profiles.map(({ token }) => token));
    const profile =
      wanted.find((token) => named.includes(token)) ??
      named[0] ??
      (nodes && nodes.length > 0
        ? (wanted.find((token) => known.has(token)) ?? profiles[0]?.token)
        : undefined);
    // An NVR lists PTZ configurations for channels whose cameras cannot move, and no node.
    if (profile === undefined || nodes?.length === 0) return new OnvifPtz(session, undefined, ANY);
    const node = answers.map(({ xml }) => nodeOfProfile(xml, profile)).find((token) => token !== undefined);
    return new OnvifPtz(session, profile, nodes?.find(({ token }) => token === node) ?? nodes?.[0] ?? ANY);
  }

  /** A camera that lists no presets, or faults when asked for them, has none. @throws OnvifError */
  async read(): Promise<Ptz> {
    if (this.#profile === undefined) return NOT_MOVABLE;
    const { home, absolute, relative } = this.#node;
    const presets = await optional(() => this.#presets(), []);
    const any = (axes: Axes) => Object.values(axes).some((axis) => axis !== undefined);
    const position = any(absolute) ? await this.#position() : null;
    return { supported: true, home, absolute: any(absolute), relative: any(relative), position, presets };
  }

  /** @throws OnvifError; `fault` with the word NotSupported where the camera cannot do it */
  async command(command: PtzCommand): Promise<undefined> {
    switch (command.action) {
      case 'move':
        return this.#move(command);
      case 'absolute_move':
        return this.#absoluteMove(command);
      case 'relative_move':
        return this.#relativeMove(command);
      case 'stop':
        return this.#stop();
      case 'home':
        return this.#call('GotoHomePosition');
      case 'preset':
        return this.#call('GotoPreset', `<PresetToken>${escapeXml(command.preset)}</PresetToken>`);
      case 'remove_preset':
        return this.#call('RemovePreset', `<PresetToken>${escapeXml(command.preset)}</PresetToken>`);
      case 'set_preset':
        return this.#setPreset(command.name);
    }
  }

  async #move({ pan = 0, tilt = 0, zoom = 0, seconds = 2 }: Move): Promise<undefined> {
    const node = this.#node;
    const axis = (wish: number, range: Range | undefined) => (range ? scaled(wish, range) : 0);
    const [x, y, z] = [axis(pan, node.pan), axis(tilt, node.tilt), axis(zoom, node.zoom)];
    const turns = x !== 0 || y !== 0;
    const zooms = z !== 0;
    // Some cameras (Sony) refuse pan, tilt and zoom in one request: only what moves, or comes to rest, is named.
    const parts = [
      turns || this.#turning || !zooms ? `<PanTilt x="${x}" y="${y}" xmlns="${SCHEMA}"/>` : '',
      zooms || this.#zooming ? `<Zoom x="${z}" xmlns="${SCHEMA}"/>` : '',
    ];
    const velocity = `<Velocity>${parts.join('')}</Velocity>`;
    // Whole seconds: firmwares refuse fractions.
    const timeout = `<Timeout>PT${Math.max(1, Math.ceil(seconds))}S</Timeout>`;
    this.#turning ||= turns;
    this.#zooming ||= zooms;
    if (this.#withoutTimeout) await this.#call('ContinuousMove', velocity);
    else {
      try {
        await this.#call('ContinuousMove', velocity + timeout);
      } catch (error) {
        if (!(error instanceof OnvifError) || error.code !== 'fault') throw error;
        await this.#call('ContinuousMove', velocity);
        this.#withoutTimeout = true;
      }
    }
    this.#turning = turns;
    this.#zooming = zooms;
    return undefined;
  }

  async #absoluteMove({ pan, tilt, zoom }: Partial<Record<keyof Axes, number>>): Promise<undefined> {
    const { absolute } = this.#node;
    const at = (wish: number | undefined, range: Range | undefined, least: -1 | 0) =>
      wish === undefined || !range ? undefined : placed(wish, range, least);
    let [turn, rise] = [pan, tilt];
    // ONVIF has no place of pan alone.
    if ((pan === undefined) !== (tilt === undefined)) {
      const now = await this.#position();
      turn ??= now?.pan ?? undefined;
      rise ??= now?.tilt ?? undefined;
      if (turn === undefined || rise === undefined)
        throw new OnvifError(
          'fault',
          'The camera does not tell where it looks: give both pan and tilt',
          this.#session.place,
        );
    }
    const place = {
      pan: at(turn, absolute.pan, -1),
      tilt: at(rise, absolute.tilt, -1),
      zoom: at(zoom, absolute.zoom, 0),
    };
    return this.#go('AbsoluteMove', 'Position', place);
  }

  #relativeMove({ pan, tilt, zoom }: Partial<Record<keyof Axes, number>>): Promise<undefined> {
    const { relative } = this.#node;
    const by = (wish: number | undefined, range: Range | undefined) =>
      wish === undefined || !range ? undefined : scaled(wish, range);
    const turns = pan !== undefined || tilt !== undefined;
    const way = {
      pan: by(turns ? (pan ?? 0) : undefined, relative.pan),
      tilt: by(turns ? (tilt ?? 0) : undefined, relative.tilt),
      zoom: by(zoom, relative.zoom),
    };
    return this.#go('RelativeMove', 'Translation', way);
  }

  async #go(call: string, element: string, { pan, tilt, zoom }: Place): Promise<undefined> {
    const turn =
      pan === undefined && tilt === undefined
        ? ''
        : `<PanTilt x="${pan ?? 0}" y="${tilt ?? 0}" xmlns="${SCHEMA}"/>`;
    const closer = zoom === undefined ? '' : `<Zoom x="${zoom}" xmlns="${SCHEMA}"/>`;
    if (turn === '' && closer === '')
      throw new OnvifError('fault', `NotSupported: the camera knows no ${call} of that`, this.#session.place);
    this.#turning = false;
    this.#zooming = false;
    try {
      return await this.#call(call, `<${element}>${turn}${closer}</${element}>`);
    } catch (error) {
      const both = turn !== '' && closer !== '';
      if (!both || !(error instanceof OnvifError) || error.code !== 'fault') throw error;
      // Some cameras (Sony) refuse pan, tilt and zoom in one request.
      await this.#call(call, `<${element}>${turn}</${element}>`);
      return this.#call(call, `<${element}>${closer}</${element}>`);
    }
  }

  async #position(): Promise<PtzPosition | null> {
    return optional(async () => readPosition(await this.#send('GetStatus', ''), this.#node.absolute), null);
  }

  /** Both axes; where the camera does not like that, all of it; where it knows no Stop, a speed of nothing. */
  async #stop(): Promise<undefined> {
    const still =
      `<Velocity><PanTilt x="0" y="0" xmlns="${SCHEMA}"/>` +
      `${this.#node.zoom ? `<Zoom x="0" xmlns="${SCHEMA}"/>` : ''}</Velocity>`;
    const ways: (() => Promise<undefined>)[] = [
      () => this.#call('Stop', '<PanTilt>true</PanTilt><Zoom>true</Zoom>'),
      () => this.#call('Stop'),
      () => this.#call('ContinuousMove', still),
    ];
    let failure: unknown;
    for (const way of ways) {
      try {
        await way();
        this.#turning = false;
        this.#zooming = false;
        return undefined;
      } catch (error) {
        if (!(error instanceof OnvifError) || error.code !== 'fault') throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  /** A preset of that name is set anew: twice the same name helps nobody, and some cameras refuse it. */
  async #setPreset(name: string): Promise<undefined> {
    const same = (await optional(() => this.#presets(), [])).find((preset) => preset.name === name);
    const token = same ? `<PresetToken>${escapeXml(same.preset)}</PresetToken>` : '';
    return this.#call('SetPreset', `<PresetName>${escapeXml(name)}</PresetName>${token}`);
  }

  async #presets(): Promise<Preset[]> {
    return readPresets(await this.#send('GetPresets', ''));
  }

  async #call(name: string, body = ''): Promise<undefined> {
    await this.#send(name, body);
    return undefined;
  }

  #send(name: string, body: string): Promise<string> {
    if (this.#profile === undefined)
      throw new OnvifError('fault', 'NotSupported: the camera has nothing that moves', this.#session.place);
    const profile = `<ProfileToken>${escapeXml(this.#profile)}</ProfileToken>`;
    return this.#session.send(name, 'ptz', `<${name} xmlns="${NAMESPACE}">${profile}${body}</${name}>`);
  }
}
