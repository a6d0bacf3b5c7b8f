/** What cameras answer about moving them, read from the raw XML. Pure and total. discover/README, case 31. */
import { printable } from '../discover/scopes.ts';
import { child, descendant, descendants, parseXml, type XmlElement } from '../discover/xml.ts';
import type { Ptz, PtzPosition } from '../schema.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** An axis that is undefined cannot be moved that way. */
export interface Axes {
  readonly pan: Range | undefined;
  readonly tilt: Range | undefined;
  readonly zoom: Range | undefined;
}

/** What can be moved by one motor set. An axis that is undefined cannot. */
export interface PtzNode {
  readonly token: string;
  readonly home: boolean;
  /** Speeds that the camera takes. */
  readonly pan: Range | undefined;
  readonly tilt: Range | undefined;
  readonly zoom: Range | undefined;
  /** Places, from end to end, and the way that it goes at once. */
  readonly absolute: Axes;
  readonly relative: Axes;
}

/** What a camera without motors can do. */
export const NOT_MOVABLE: Ptz = {
  ...{ supported: false, home: false, absolute: false, relative: false },
  ...{ position: null, presets: [] },
};

/** Cameras that list unset presets too list 255 to 300 of them. */
const MAX_PRESETS = 300;
const MAX_NODES = 64;
/** The generic spaces of ONVIF. */
const FULL: Range = { min: -1, max: 1 };
const ZOOM: Range = { min: 0, max: 1 };
/** Of a camera that does not tell. */
export const PLACES: Axes = { pan: FULL, tilt: FULL, zoom: ZOOM };
export const WAYS: Axes = { pan: FULL, tilt: FULL, zoom: FULL };

/** Nodes of a GetNodes answer; none is what an NVR without PTZ says. */
export function readNodes(xml: string): PtzNode[] {
  return descendants(parseXml(xml), 'PTZNode')
    .slice(0, MAX_NODES)
    .map((node) => {
      const spaces = child(node, 'SupportedPTZSpaces');
      const move = genericSpace(spaces, 'ContinuousPanTiltVelocitySpace');
      const zoom = genericSpace(spaces, 'ContinuousZoomVelocitySpace');
      // Firmwares that list no spaces at all move all the same.
      const unsaid = spaces === undefined || spaces.children.length === 0;
      return {
        token: node.attributes.get('token') ?? '',
        home: child(node, 'HomeSupported')?.text.toLowerCase() === 'true',
        pan: move ? range(child(move, 'XRange')) : unsaid ? FULL : undefined,
        tilt: move ? range(child(move, 'YRange')) : unsaid ? FULL : undefined,
        zoom: zoom ? range(child(zoom, 'XRange')) : unsaid ? FULL : undefined,
        absolute: unsaid
          ? PLACES
          : axes(spaces, 'AbsolutePanTiltPositionSpace', 'AbsoluteZoomPositionSpace', PLACES),
        relative: unsaid
          ? WAYS
          : axes(spaces, 'RelativePanTiltTranslationSpace', 'RelativeZoomTranslationSpace', WAYS),
      };
    });
}

/** The generic space where there is one: it is used when a request names none. */
function genericSpace(spaces: XmlElement | undefined, name: string): XmlElement | undefined {
  const all = spaces?.children.filter((space) => space.name === name.toLowerCase()) ?? [];
  return all.find((space) => /Generic/i.test(child(space, 'URI')?.text ?? '')) ?? all[0];
}

function axes(spaces: XmlElement | undefined, turning: string, zooming: string, usual: Axes): Axes {
  const [turn, zoom] = [genericSpace(spaces, turning), genericSpace(spaces, zooming)];
  const span = (space: XmlElement | undefined, name: string, otherwise: Range | undefined) =>
    space && otherwise ? wholeRange(child(space, name), otherwise) : undefined;
  return {
    pan: span(turn, 'XRange', usual.pan),
    tilt: span(turn, 'YRange', usual.tilt),
    zoom: span(zoom, 'XRange', usual.zoom),
  };
}

/** Of places, which need not lie around 0: degrees from 0 to 360, zoom from 1 to 30. */
function wholeRange(element: XmlElement | undefined, usual: Range): Range {
  const [min, max] = [numberIn(element, 'Min'), numberIn(element, 'Max')];
  return min < max && min >= -100_000 && max <= 100_000 ? { min, max } : usual;
}

const numberIn = (element: XmlElement | undefined, name: string) =>
  Number.parseFloat(child(element, name)?.text ?? '');

/** Nonsense means the generic range. */
function range(element: XmlElement | undefined): Range {
  const [min, max] = [numberIn(element, 'Min'), numberIn(element, 'Max')];
  return min < 0 && max > 0 && min >= -1000 && max <= 1000 ? { min, max } : FULL;
}

/** A wish from -1 to 1 as the camera's own number, never outside what it takes; -0 becomes 0. */
export function scaled(wish: number, { min, max }: Range): number {
  const speed = Math.max(-1, Math.min(1, wish));
  return Math.round((speed < 0 ? -speed * min : speed * max) * 1000) / 1000 || 0;
}

/** A place between the ends `least` (-1, of zoom 0) and 1 as the camera's own number. */
export function placed(wish: number, { min, max }: Range, least: -1 | 0): number {
  const share = (Math.max(least, Math.min(1, wish)) - least) / (1 - least);
  return Math.round((min + share * (max - min)) * 10_000) / 10_000 || 0;
}

/** The camera's own number as a place between the ends `least` and 1; null: it is none. */
function placeOf(text: string | undefined, range: Range | undefined, least: -1 | 0): number | null {
  const value = Number.parseFloat(text ?? '');
  if (!range || !Number.isFinite(value)) return null;
  const share = (value - range.min) / (range.max - range.min);
  return Math.round((least + Math.max(0, Math.min(1, share)) * (1 - least)) * 10_000) / 10_000 || 0;
}

/** Where it looks, of a GetStatus answer; null: it does not tell. */
export function readPosition(xml: string, { pan, tilt, zoom }: Axes): PtzPosition | null {
  const position = descendant(parseXml(xml), 'Position');
  const turn = child(position, 'PanTilt')?.attributes;
  const found = {
    pan: placeOf(turn?.get('x'), pan, -1),
    tilt: placeOf(turn?.get('y'), tilt, -1),
    zoom: placeOf(child(position, 'Zoom')?.attributes.get('x'), zoom, 0),
  };
  return Object.values(found).some((value) => value !== null) ? found : null;
}

/** The node that a profile of a GetProfiles answer (Media1 or Media2) moves. */
export function nodeOfProfile(xml: string, profile: string): string | undefined {
  const element = descendants(parseXml(xml), 'Profiles').find(
    (candidate) => candidate.attributes.get('token') === profile,
  );
  const configuration = descendant(element, 'PTZConfiguration') ?? descendant(element, 'PTZ');
  return child(configuration, 'NodeToken')?.text || undefined;
}

export interface Preset {
  readonly preset: string;
  readonly name: string;
}

/** Presets of a GetPresets answer; one without name is called by its token. */
export function readPresets(xml: string): Preset[] {
  const presets = new Map<string, Preset>();
  for (const element of descendants(parseXml(xml), 'Preset').slice(0, MAX_PRESETS)) {
    const preset = element.attributes.get('token');
    if (!preset || presets.has(preset)) continue;
    presets.set(preset, { preset, name: printable(child(element, 'Name')?.text ?? '') || preset });
  }
  return [...presets.values()];
}
