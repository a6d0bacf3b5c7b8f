/** A virtual camera's motors: they turn over time, and everything they were told is written down. */
import { envelope, escapeXml, faultXml } from './soap.ts';

export interface PtzPosition {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export interface PtzCall {
  /** `ContinuousMove`, `Stop`, `GotoPreset`, … */
  readonly call: string;
  /** Unix milliseconds with fractions. */
  readonly time: number;
  /** Axes that a ContinuousMove named. */
  readonly pan?: number;
  readonly tilt?: number;
  readonly zoom?: number;
  /** As it was written: `PT2S`. */
  readonly timeout?: string;
  readonly preset?: string;
  /** The camera answered with a fault. */
  readonly refused?: true;
}

export interface VirtualPtzOptions {
  /** Nodes that GetNodes lists; default 1. An NVR lists none. */
  readonly nodes?: number;
  readonly home?: boolean;
  /** Speeds taken, from -this to this; default 1. */
  readonly fastest?: number;
  /** ContinuousMove with a Timeout is a fault. */
  readonly refusesTimeout?: boolean;
  /** So many Stops are answered with a fault. */
  readonly failedStops?: number;
  /** GetPresets is a fault (CAMERAS.md, case 31). */
  readonly presetsFault?: boolean;
  /** Pan and tilt together with zoom are a fault (Sony). */
  readonly oneAtATime?: boolean;
  /** Milliseconds before each answer. */
  readonly slow?: number;
  /** It knows places and ways; default true. */
  readonly places?: boolean;
  /** Ends of its places, as it counts them; default the generic ones. */
  readonly ends?: { readonly pan: readonly [number, number]; readonly zoom: readonly [number, number] };
  /** GetStatus is a fault. */
  readonly statusFault?: boolean;
}

/** Full speed takes so many seconds from one end to the other. */
const SWEEP = 4;
const MOST_CALLS = 1000;
const CENTRE: PtzPosition = { pan: 0, tilt: 0, zoom: 0 };

export class VirtualPtz {
  readonly calls: PtzCall[] = [];
  readonly presets = new Map<string, { name: string; position: PtzPosition }>();
  readonly options: VirtualPtzOptions;
  private velocity: PtzPosition = CENTRE;
  private from: PtzPosition = CENTRE;
  private since = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private stopsToFail: number;
  private made = 0;

  constructor(options: VirtualPtzOptions = {}) {
    this.options = options;
    this.stopsToFail = options.failedStops ?? 0;
  }

  get moving(): boolean {
    return Object.values(this.velocity).some((speed) => speed !== 0);
  }

  /** -1 to 1; zoom 0 to 1. */
  get position(): PtzPosition {
    const travelled = ((performance.now() - this.since) / 1000) * (2 / SWEEP);
    const at = (axis: keyof PtzPosition) => this.from[axis] + this.velocity[axis] * travelled;
    const within = (value: number, least: number) => Math.max(least, Math.min(1, value));
    return { pan: within(at('pan'), -1), tilt: within(at('tilt'), -1), zoom: within(at('zoom'), 0) };
  }

  /** How it stands, for the control server. */
  get state() {
    const presets = [...this.presets].map(([preset, { name }]) => ({ preset, name }));
    return { position: this.position, moving: this.moving, presets, calls: this.calls };
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** @returns the answer to a call of the PTZ service; undefined: it is none */
  answer(call: string, body: string): Promise<string> | undefined {
    return body.includes('ver20/ptz/wsdl') ? this.soon(call, body) : undefined;
  }

  private async soon(call: string, body: string): Promise<string> {
    if (this.options.slow) await new Promise((resolve) => setTimeout(resolve, this.options.slow));
    return this.done(call, body) ?? faultXml('ter:ActionNotSupported', `No ${call}`);
  }

  private done(call: string, body: string): string | undefined {
    const text = (name: string) => new RegExp(`<(?:\\w+:)?${name}[^>]*>([^<]*)<`).exec(body)?.[1];
    const speed = (element: string, axis: string) => {
      const found = new RegExp(`<(?:\\w+:)?${element}[^>]*\\b${axis}="([^"]*)"`).exec(body)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const done = () => envelope(`<tptz:${call}Response xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"/>`);
    switch (call) {
      case 'GetNodes':
        return this.nodes();
      case 'GetPresets':
        if (this.options.presetsFault) return faultXml('ter:NoPTZProfile', 'Presets are not there');
        return this.presetList();
      case 'ContinuousMove': {
        const named = { pan: speed('PanTilt', 'x'), tilt: speed('PanTilt', 'y'), zoom: speed('Zoom', 'x') };
        const timeout = text('Timeout');
        const fault = this.faultOf(named, timeout);
        this.note(call, { ...given(named), ...given({ timeout }), ...(fault ? { refused: true } : {}) });
        if (fault) return faultXml('ter:InvalidArgVal', fault);
        const { pan = this.velocity.pan, tilt = this.velocity.tilt, zoom = this.velocity.zoom } = named;
        this.go({ pan, tilt, zoom });
        const seconds = Number(/^PT([\d.]+)S$/.exec(timeout ?? '')?.[1]);
        if (seconds > 0) this.timer = setTimeout(() => this.go(CENTRE), seconds * 1000).unref();
        return done();
      }
      case 'AbsoluteMove':
      case 'RelativeMove': {
        if (this.options.places === false) return undefined;
        const named = { pan: speed('PanTilt', 'x'), tilt: speed('PanTilt', 'y'), zoom: speed('Zoom', 'x') };
        const fault =
          this.options.oneAtATime && named.pan !== undefined && named.zoom !== undefined
            ? 'One at a time'
            : undefined;
        this.note(call, { ...given(named), ...(fault ? { refused: true } : {}) });
        if (fault) return faultXml('ter:InvalidArgVal', fault);
        return this.travel(call === 'AbsoluteMove', named)
          ? done()
          : faultXml('ter:InvalidPosition', 'Out of bounds');
      }
      case 'GetStatus': {
        if (this.options.statusFault) return faultXml('ter:NoStatus', 'Status is not there');
        const { pan, tilt, zoom } = this.position;
        const { ends } = this;
        const own = (value: number, least: number, [min, max]: readonly [number, number]) =>
          min + ((value - least) / (1 - least)) * (max - min);
        return envelope(
          '<tptz:GetStatusResponse xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"><tptz:PTZStatus><tt:Position>' +
            `<tt:PanTilt x="${own(pan, -1, ends.pan)}" y="${tilt}"/><tt:Zoom x="${own(zoom, 0, ends.zoom)}"/>` +
            '</tt:Position></tptz:PTZStatus></tptz:GetStatusResponse>',
        );
      }
      case 'Stop': {
        const fails = this.stopsToFail > 0;
        this.note(call, fails ? { refused: true } : {});
        if (fails) {
          this.stopsToFail -= 1;
          return faultXml('ter:Action', 'Busy');
        }
        this.go(CENTRE);
        return done();
      }
      case 'GotoHomePosition':
        this.note(call, {});
        if (this.options.home === false) return undefined;
        this.jump(CENTRE);
        return done();
      case 'GotoPreset': {
        const preset = text('PresetToken') ?? '';
        const known = this.presets.get(preset);
        this.note(call, { preset });
        if (!known) return faultXml('ter:NoToken', 'The requested preset token does not exist');
        this.jump(known.position);
        return done();
      }
      case 'SetPreset': {
        const preset = text('PresetToken') ?? String(++this.made);
        const name = text('PresetName') ?? preset;
        this.note(call, { preset });
        this.presets.set(preset, { name, position: this.position });
        return envelope(
          `<tptz:SetPresetResponse xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"><tptz:PresetToken>${preset}` +
            '</tptz:PresetToken></tptz:SetPresetResponse>',
        );
      }
      case 'RemovePreset': {
        const preset = text('PresetToken') ?? '';
        this.note(call, { preset });
        if (!this.presets.delete(preset))
          return faultXml('ter:NoToken', 'The requested preset token does not exist');
        return done();
      }
      default:
        return undefined;
    }
  }

  private get ends() {
    return this.options.ends ?? { pan: [-1, 1] as const, zoom: [0, 1] as const };
  }

  /** At once. @returns false: out of bounds */
  private travel(
    absolute: boolean,
    { pan, tilt, zoom }: Partial<Record<keyof PtzPosition, number | undefined>>,
  ): boolean {
    const now = this.position;
    const { ends } = this;
    const within = (value: number, least: number) => Math.max(least, Math.min(1, value));
    const own = (value: number, least: number, [min, max]: readonly [number, number]) =>
      least + ((value - min) / (max - min)) * (1 - least);
    const next = absolute
      ? {
          pan: pan === undefined ? now.pan : own(pan, -1, ends.pan),
          tilt: tilt ?? now.tilt,
          zoom: zoom === undefined ? now.zoom : own(zoom, 0, ends.zoom),
        }
      : {
          pan: within(now.pan + (pan ?? 0), -1),
          tilt: within(now.tilt + (tilt ?? 0), -1),
          zoom: within(now.zoom + (zoom ?? 0), 0),
        };
    if (Math.abs(next.pan) > 1 || Math.abs(next.tilt) > 1 || next.zoom < 0 || next.zoom > 1) return false;
    this.jump(next);
    return true;
  }

  private faultOf(
    named: Partial<Record<keyof PtzPosition, number | undefined>>,
    timeout: string | undefined,
  ) {
    const { fastest = 1, refusesTimeout, oneAtATime } = this.options;
    if (Object.values(named).some((speed) => speed !== undefined && !(Math.abs(speed) <= fastest)))
      return 'The speed is out of range';
    if (refusesTimeout && timeout !== undefined) return 'Timeout is not taken';
    if (oneAtATime && named.pan !== undefined && named.zoom !== undefined) return 'One at a time';
    return undefined;
  }

  private note(call: string, more: Omit<PtzCall, 'call' | 'time'>): void {
    this.calls.push({ call, time: performance.timeOrigin + performance.now(), ...more });
    if (this.calls.length > MOST_CALLS) this.calls.splice(0, MOST_CALLS / 2);
  }

  private go(velocity: PtzPosition): void {
    clearTimeout(this.timer);
    this.from = this.position;
    this.since = performance.now();
    this.velocity = velocity;
  }

  private jump(position: PtzPosition): void {
    this.go(CENTRE);
    this.from = position;
  }

  private nodes(): string {
    const { nodes = 1, home = true, fastest = 1 } = this.options;
    const axis = (name: string) =>
      `<tt:${name}><tt:Min>${-fastest}</tt:Min><tt:Max>${fastest}</tt:Max></tt:${name}>`;
    const space = (name: string, uri: string, axes: string) =>
      `<tt:${name}><tt:URI>http://www.onvif.org/ver10/tptz/${uri}</tt:URI>${axes}</tt:${name}>`;
    const node = (index: number) =>
      `<tptz:PTZNode token="PTZNODE_${index}" FixedHomePosition="false"><tt:Name>PTZNODE</tt:Name><tt:SupportedPTZSpaces>` +
      space(
        'ContinuousPanTiltVelocitySpace',
        'PanTiltSpaces/VelocityGenericSpace',
        axis('XRange') + axis('YRange'),
      ) +
      space('ContinuousZoomVelocitySpace', 'ZoomSpaces/VelocityGenericSpace', axis('XRange')) +
      this.placeSpaces(space) +
      '</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>255</tt:MaximumNumberOfPresets>' +
      `<tt:HomeSupported>${home}</tt:HomeSupported></tptz:PTZNode>`;
    return envelope(
      '<tptz:GetNodesResponse xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl">' +
        `${Array.from({ length: nodes }, (_, index) => node(index)).join('')}</tptz:GetNodesResponse>`,
    );
  }

  private placeSpaces(space: (name: string, uri: string, axes: string) => string): string {
    if (this.options.places === false) return '';
    const span = (name: string, [min, max]: readonly [number, number]) =>
      `<tt:${name}><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:${name}>`;
    const { ends } = this;
    const turns = span('XRange', ends.pan) + span('YRange', [-1, 1]);
    const ways = span('XRange', [-1, 1]) + span('YRange', [-1, 1]);
    return (
      space('AbsolutePanTiltPositionSpace', 'PanTiltSpaces/PositionGenericSpace', turns) +
      space('AbsoluteZoomPositionSpace', 'ZoomSpaces/PositionGenericSpace', span('XRange', ends.zoom)) +
      space('RelativePanTiltTranslationSpace', 'PanTiltSpaces/TranslationGenericSpace', ways) +
      space('RelativeZoomTranslationSpace', 'ZoomSpaces/TranslationGenericSpace', span('XRange', [-1, 1]))
    );
  }

  private presetList(): string {
    const all = [...this.presets].map(
      ([token, { name }]) =>
        `<tptz:Preset token="${escapeXml(token)}"><tt:Name>${name}</tt:Name></tptz:Preset>`,
    );
    return envelope(
      `<tptz:GetPresetsResponse xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl">${all.join('')}</tptz:GetPresetsResponse>`,
    );
  }
}

function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
