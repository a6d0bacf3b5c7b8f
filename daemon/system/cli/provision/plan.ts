/** What has to be done for the box to be as the file says. Pure: the file and the box's state in, a list of steps out. */
import { isDeepStrictEqual } from 'node:util';
import type { LayoutBody, Site, UserPatch, Wall } from '../../../schema.ts';
import { path } from '../context.ts';
import { type Box, isSame } from './box.ts';
import { planCameras } from './planCameras.ts';
import { timeZone } from './siteRules.ts';
import { type Plan, type Step, wallWords } from './steps.ts';

/** @param setPasswords send every password again: none can be compared, as none comes out of the API */
export function makePlan(site: Site, box: Box, setPasswords: boolean): Plan {
  const users = planUsers(site, box, setPasswords);
  const cameras = planCameras(site, box, setPasswords);
  const order: Plan[] = [
    { steps: planSettings(site, box), problems: [], notes: [] },
    users,
    cameras,
    { steps: planRecording(site, box), problems: [], notes: [] },
    { steps: planLayouts(site, box), problems: unknownNames(site, box), notes: [] },
    { steps: planWalls(site, box), problems: [], notes: [] },
  ];
  return {
    steps: order.flatMap(({ steps }) => steps),
    problems: order.flatMap(({ problems }) => problems),
    notes: order.flatMap(({ notes }) => notes),
  };
}

function planSettings({ settings, host }: Site, box: Box): Step[] {
  // The clock on the wall is the machine's.
  const wanted = { ...(host?.time_zone ? { time_zone: host.time_zone } : {}), ...settings };
  if (wanted.time_zone !== undefined) wanted.time_zone = timeZone(wanted.time_zone) ?? wanted.time_zone;
  if (wanted.name !== undefined) wanted.name = wanted.name.trim() || wanted.name;
  const now: Record<string, unknown> = box.settings;
  const differing = Object.entries(wanted).filter(([key, value]) => now[key] !== value);
  if (differing.length === 0) return [];
  const fields = differing.map(([key]) => key);
  const calls = [{ method: 'PATCH' as const, path: '/api/settings', body: Object.fromEntries(differing) }];
  return [{ what: 'settings', name: '', change: 'changed', fields, calls }];
}

function planUsers({ users = [] }: Site, box: Box, setPasswords: boolean): Plan {
  const plan: Plan = { steps: [], problems: [], notes: [] };
  // Administrators first: the first user of all must be one, and the last may not cease to be one.
  const ordered = [...users].sort((a, b) => Number(b.role === 'admin') - Number(a.role === 'admin'));
  let unseen = 0;
  for (const user of ordered) {
    const known = box.users.find(({ name }) => name === user.name);
    const step = { what: 'user' as const, name: user.name };
    if (!known) {
      const calls = [{ method: 'POST' as const, path: '/api/users', body: user }];
      plan.steps.push({ ...step, change: 'added', fields: [user.role], calls });
      continue;
    }
    const patch: UserPatch = {
      ...(known.role === user.role ? {} : { role: user.role }),
      ...(setPasswords ? { password: user.password } : {}),
    };
    if (!setPasswords) unseen++;
    const fields = Object.keys(patch);
    const calls = [{ method: 'PATCH' as const, path: path('users', user.name), body: patch }];
    if (fields.length > 0) plan.steps.push({ ...step, change: 'changed', fields, calls });
  }
  if (unseen > 0)
    plan.notes.push(
      `The passwords of ${unseen} users stay as they are: --set-passwords sets them to the file’s.`,
    );
  return plan;
}

/** As a whole: who is not named in it is not recorded. */
function planRecording({ recording }: Site, box: Box): Step[] {
  if (!recording || isDeepStrictEqual(recording, box.recording)) return [];
  const calls = [{ method: 'PUT' as const, path: '/api/recordings/settings', body: recording }];
  return [{ what: 'recording', name: '', change: 'changed', fields: [], calls }];
}

function planLayouts({ layouts = {} }: Site, box: Box): Step[] {
  return Object.entries(layouts).flatMap(([name, body]): Step[] => {
    const known = box.layouts.find((layout) => layout.name === name);
    if (known && isDeepStrictEqual(plainLayout(known), plainLayout(body))) return [];
    const calls = [{ method: 'PUT' as const, path: path('layouts', name), body }];
    return [{ what: 'layout', name, change: known ? 'changed' : 'added', fields: [], calls }];
  });
}

function planWalls(site: Site, box: Box): Step[] {
  return wallsOf(site).flatMap(([screen, wall]): Step[] => {
    const known = screen === 1 ? box.wall : box.walls.get(screen);
    if (known && isDeepStrictEqual(plainWall(wall), plainWall(known))) return [];
    const to = screen === 1 ? '/api/wall' : path('walls', String(screen));
    const calls = [{ method: 'PUT' as const, path: to, body: wall }];
    const name = screen === 1 ? '' : String(screen);
    return [{ what: 'wall', name, change: known ? 'changed' : 'added', fields: [], calls }];
  });
}

/** By the number of the screen. */
function wallsOf({ wall, walls = {} }: Site): [screen: number, wall: Wall][] {
  const further = Object.entries(walls).map(([screen, one]): [number, Wall] => [Number(screen), one]);
  return wall ? [[1, wall], ...further] : further;
}

/** Cameras and layouts that are neither in the file nor on the box: typing errors, found before anything is written. */
function unknownNames(site: Site, box: Box): Plan['problems'] {
  const { cameras = [], layouts = {} } = site;
  const ids = new Set([...box.cameras.map(({ id }) => id), ...cameras.map(({ id }) => id)]);
  // The id of a new camera without one is for the daemon to make.
  const open = cameras.some(
    (one) => one.id === undefined && !box.cameras.some((known) => isSame(one, known)),
  );
  const problems = Object.entries(layouts).flatMap(([name, { tiles }]) => {
    const unknown = new Set(tiles.flatMap((tile) => tile.cameras).filter((id) => !ids.has(id)));
    const message = `names ${[...unknown].join(', ')}, and there is no such camera in the file or on the box`;
    return open || unknown.size === 0 ? [] : [{ where: `layout ${name}`, message }];
  });
  const known = new Set([...box.layouts.map(({ name }) => name), ...Object.keys(layouts)]);
  for (const [screen, { sequence, schedule = [] }] of wallsOf(site)) {
    const named = [sequence, ...schedule.map((entry) => entry.sequence)].flat().map(({ layout }) => layout);
    const missing = new Set(named.filter((name) => !known.has(name)));
    if (missing.size > 0)
      problems.push({
        where: wallWords(screen),
        message: `names ${[...missing].join(', ')}, and there is no such layout in the file or on the box`,
      });
  }
  return problems;
}

/** With what is left out said, so that leaving it out is no difference. */
function plainLayout({ tiles, orientation }: LayoutBody): unknown {
  return JSON.parse(JSON.stringify({ tiles, orientation: orientation ?? 'landscape' }));
}

function plainWall({ sequence, schedule, screen_off }: Wall): unknown {
  return JSON.parse(JSON.stringify({ sequence, schedule: schedule ?? [], screen_off: screen_off ?? [] }));
}
