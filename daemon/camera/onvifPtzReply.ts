/** What cameras answer about moving them, read from the raw XML. Pure and total. discover/README, case 31. */
import { printable } from '../discover/scopes.ts';
import { child, descendant, descendants, parseXml, type XmlElement } from '../discover/xml.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What can be moved by one motor set. An axis that is undefined cannot. */
export interface PtzNode {
  readonly token: string;
  readonly home: boolean;
  /** Speeds that the camera takes. */
  readonly pan: Range | undefined;
  readonly tilt: Range | undefined;
  readonly zoom: Range | undefined;
}

/** Cameras that list unset presets too list 255 to 300 of them. */
const MAX_PRESETS = 300;
const MAX_NODES = 64;
/** The generic velocity space of ONVIF. */
const FULL: Range = { min: -1, max: 1 };

/** Nodes of a GetNodes answer; none is what an NVR without PTZ says. */
export function readNodes(xml: string): PtzNode[] {
  return descendants(parseXml(xml), 'PTZNode')
    .slice(0, MAX_NODES)
    .map((node) => {
      const spaces = child(node, 'SupportedPTZSpaces');
      const move = velocitySpace(spaces, 'ContinuousPanTiltVelocitySpace');
      const zoom = velocitySpace(spaces, 'ContinuousZoomVelocitySpace');
      // Firmwares that list no spaces at all move all the same.
      const unsaid = spaces === undefined || spaces.children.length === 0;
      return {
        token: node.attributes.get('token') ?? '',
        home: child(node, 'HomeSupported')?.text.toLowerCase() === 'true',
        pan: move ? range(child(move, 'XRange')) : unsaid ? FULL : undefined,
        tilt: move ? range(child(move, 'YRange')) : unsaid ? FULL : undefined,
        zoom: zoom ? range(child(zoom, 'XRange')) : unsaid ? FULL : undefined,
      };
    });
}

/** The generic space where there is one: it is used when a request names none. */
function velocitySpace(spaces: XmlElement | undefined, name: string): XmlElement | undefined {
  const all = spaces?.children.filter((space) => space.name === name.toLowerCase()) ?? [];
  return all.find((space) => /Generic/i.test(child(space, 'URI')?.text ?? '')) ?? all[0];
}

/** Nonsense means the generic range. */
function range(element: XmlElement | undefined): Range {
  const number = (name: string) => Number.parseFloat(child(element, name)?.text ?? '');
  const [min, max] = [number('Min'), number('Max')];
  return min < 0 && max > 0 && min >= -1000 && max <= 1000 ? { min, max } : FULL;
}

/** A wish from -1 to 1 as the camera's own number, never outside what it takes; -0 becomes 0. */
export function scaled(wish: number, { min, max }: Range): number {
  const speed = Math.max(-1, Math.min(1, wish));
  return Math.round((speed < 0 ? -speed * min : speed * max) * 1000) / 1000 || 0;
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
