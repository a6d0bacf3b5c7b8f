/** What the box has now, as far as a provisioning file may concern it. */
import type {
  Camera,
  Layout,
  RecordingSettings,
  ScreenWallList,
  Settings,
  Site,
  StreamStatus,
  User,
  Wall,
} from '../../../schema.ts';
import type { Client } from '../client.ts';
import { path } from '../context.ts';

export interface Box {
  settings: Settings;
  users: User[];
  cameras: Camera[];
  /** Of the cameras that the file gives by stream addresses, by name. */
  streams: ReadonlyMap<string, StreamStatus>;
  layouts: Layout[];
  /** Read only where the file speaks of it. */
  recording?: RecordingSettings | undefined;
  wall: Wall;
  /** Of the further screens that have a programme of their own. */
  walls: ReadonlyMap<number, Wall>;
}

/** Reads only what the file speaks of. @throws CliError */
export async function readBox(client: Client, site: Site): Promise<Box> {
  const { users } = site.users
    ? await client.call<{ users: User[] }>('GET', '/api/users')
    : { users: [] as User[] };
  const { cameras } = await client.call<{ cameras: Camera[] }>('GET', '/api/cameras');
  const byHand = cameras.filter((camera) => {
    const wanted = site.cameras?.find((one) => isSame(one, camera));
    return wanted?.streams !== undefined;
  });
  const streams = new Map<string, StreamStatus>();
  for (const { name } of byHand.flatMap((camera) => camera.streams))
    streams.set(name, await client.call<StreamStatus>('GET', path('streams', name)));
  return {
    settings: await client.call<Settings>('GET', '/api/settings'),
    users,
    cameras,
    streams,
    layouts: (await client.call<{ layouts: Layout[] }>('GET', '/api/layouts')).layouts,
    recording: site.recording
      ? await client.call<RecordingSettings>('GET', '/api/recordings/settings')
      : undefined,
    wall: await client.call<Wall>('GET', '/api/wall'),
    walls: site.walls ? await ownWalls(client) : new Map(),
  };
}

async function ownWalls(client: Client): Promise<Map<number, Wall>> {
  const { walls } = await client.call<ScreenWallList>('GET', '/api/walls');
  return new Map(walls.flatMap(({ screen, own, wall }) => (own && screen > 1 ? [[screen, wall]] : [])));
}

/** A camera of the file is known again by its id, without one by its name. */
export function isSame(wanted: { id?: string; name: string }, known: { id: string; name: string }): boolean {
  return wanted.id === undefined ? wanted.name === known.name : wanted.id === known.id;
}
