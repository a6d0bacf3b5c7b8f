import type { Layout, Wall } from '../../daemon/schema.ts';

/** What a page shows, by its address: the wall, one layout of it (`/watch/yard`), or one camera (`/camera/door`). */
export type View = { kind: 'wall' } | { kind: 'layout' | 'camera'; name: string };

const ADDRESS = /^\/(watch|camera)\/([A-Za-z0-9_-]{1,64})\/?$/;

export function viewOf(pathname: string): View {
  const [, place, name] = ADDRESS.exec(pathname) ?? [];
  if (name === undefined) return { kind: 'wall' };
  return { kind: place === 'watch' ? 'layout' : 'camera', name };
}

/** Not a name that a layout can have. */
const OWN = '(camera)';

/** The one camera over the whole page; undefined for other views. */
export function viewedCamera(view: View): Layout | undefined {
  if (view.kind !== 'camera') return undefined;
  return { name: OWN, tiles: [{ x: 0, y: 0, width: 1, height: 1, cameras: [view.name], stream: 'main' }] };
}

/** The wall's programme as this page shows it. Who opened one layout somewhere else is not switched off by the hours of the screen. */
export function viewedWall(view: View, wall: Wall): Wall {
  if (view.kind === 'wall') return wall;
  return { sequence: [{ layout: view.kind === 'camera' ? OWN : view.name, dwell_seconds: 86_400 }] };
}
