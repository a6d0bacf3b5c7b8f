/** What has to be done for the cameras of the box to be those of the file. Pure. */
import type { Camera, CameraAdd, CameraPatch, Site, StreamAdd } from '../../../schema.ts';
import { path } from '../context.ts';
import { sameDevice, shownUrl, streamAddress } from './addresses.ts';
import { type Box, isSame } from './box.ts';
import type { Call, Plan, Step } from './steps.ts';

type WantedStream = NonNullable<CameraAdd['streams']>[number];
type Wanted = Omit<CameraAdd, 'streams'> & { streams?: WantedStream[] };

/**
 * Cameras' passwords never come out of the API, so whether one differs cannot be seen. It is sent where there is reason to:
 * the camera is new or has none, its user name or address changes, the camera refuses the one that the box has, or
 * `setPasswords`. No digest of it is kept for the next run: that would go stale whenever somebody else changes the password
 * or restores a backup, and would then say “nothing to change” of a password that is wrong.
 */
export function planCameras(site: Site, box: Box, setPasswords: boolean): Plan {
  const plan: Plan = { steps: [], problems: [], notes: [] };
  let unseen = 0;
  for (const given of site.cameras ?? []) {
    const wanted = withLoginOfUrl(given);
    const known = box.cameras.filter((camera) => isSame(wanted, camera));
    if (known.length > 1) {
      const message = `the box has ${known.length} cameras of this name: give its id in the file`;
      plan.problems.push({ where: `camera ${wanted.name}`, message });
      continue;
    }
    const outcome = known[0] ? change(wanted, known[0], box, setPasswords) : add(wanted);
    if ('message' in outcome)
      plan.problems.push({ where: `camera ${known[0]?.id}`, message: outcome.message });
    else {
      if (outcome.calls.length > 0) plan.steps.push(outcome);
      if (known[0] && typeof wanted.password === 'string' && !outcome.sendsPassword) unseen++;
    }
  }
  if (unseen > 0)
    plan.notes.push(
      `The passwords of ${unseen} cameras were not compared, they cannot be read: --set-passwords sends them again.`,
    );
  return plan;
}

interface CameraStep extends Step {
  sendsPassword: boolean;
}

function add(wanted: Wanted): CameraStep {
  return {
    ...{ what: 'camera', name: wanted.id ?? wanted.name, change: 'added', fields: [] },
    calls: [{ method: 'POST', path: '/api/cameras', body: wanted }],
    sendsPassword: true,
  };
}

function change(
  wanted: Wanted,
  known: Camera,
  box: Box,
  setPasswords: boolean,
): CameraStep | { message: string } {
  const otherKind = (wanted.address === undefined) !== (known.address === null);
  const profiles = new Set(known.streams.map(({ profile }) => profile));
  const newStream = wanted.streams?.some(({ profile }) => !profiles.has(profile)) ?? false;
  if (otherKind || newStream) return replace(wanted, known, otherKind ? 'address' : 'streams');

  const fields: string[] = [];
  const patch: CameraPatch = {};
  if (wanted.name !== known.name) patch.name = wanted.name;
  if (wanted.username !== undefined && (wanted.username || null) !== known.username)
    patch.username = wanted.username || null;
  if (wanted.address !== undefined && known.address !== null && !sameDevice(known.address, wanted.address))
    patch.address = wanted.address;
  const streams = planStreams(wanted, known, box, setPasswords);
  const elsewhere = streams.length > 0 || patch.username !== undefined || patch.address !== undefined;
  const refused = known.streams.some(({ state }) => state === 'refused');
  if (wanted.password === null && known.has_password) patch.password = null;
  if (typeof wanted.password === 'string' && (setPasswords || elsewhere || refused || !known.has_password))
    patch.password = wanted.password;
  fields.push(...Object.keys(patch));
  if (streams.length > 0) fields.push('streams');
  const calls: Call[] = [...streams];
  if (Object.keys(patch).length > 0)
    calls.push({ method: 'PATCH', path: path('cameras', known.id), body: patch });
  return {
    ...{ what: 'camera', name: known.id, change: 'changed', fields, calls },
    sendsPassword: patch.password !== undefined,
  };
}

/** The API adds no stream to a camera: it is taken away and added again, under its id, so that layouts show it as before. */
function replace(wanted: Wanted, known: Camera, field: string): CameraStep | { message: string } {
  if (known.has_password && typeof wanted.password !== 'string') {
    const message = `its ${field} can only be changed by adding it again, and the file has no password for it`;
    return { message };
  }
  const body: Wanted = { username: known.username, ...wanted, id: known.id };
  return {
    ...{ what: 'camera', name: known.id, change: 'replaced', fields: [field] },
    calls: [
      { method: 'DELETE', path: path('cameras', known.id) },
      { method: 'POST', path: '/api/cameras', body },
    ],
    sendsPassword: true,
  };
}

function planStreams(wanted: Wanted, known: Camera, box: Box, setPasswords: boolean): Call[] {
  if (!wanted.streams) return [];
  const calls: Call[] = [];
  const changed: StreamAdd[] = [];
  for (const { name, profile, rtsp_url } of known.streams) {
    const stream = wanted.streams.find((one) => one.profile === profile);
    const now = box.streams.get(name);
    if (!stream) calls.push({ method: 'DELETE', path: path('streams', name) });
    else if (
      shownUrl(stream.rtsp_url) !== rtsp_url ||
      (setPasswords && shownUrl(stream.rtsp_url) !== stream.rtsp_url) ||
      (stream.transport ?? now?.transport) !== now?.transport ||
      (stream.keep_warm ?? now?.keep_warm) !== now?.keep_warm
    )
      changed.push({
        ...{ name, rtsp_url: stream.rtsp_url },
        // What is left out there becomes a default: what the file leaves out stays.
        transport: stream.transport ?? now?.transport ?? 'auto',
        keep_warm: stream.keep_warm ?? now?.keep_warm ?? false,
        enabled: now?.enabled ?? true,
      });
  }
  if (changed.length > 0)
    calls.push({ method: 'POST', path: '/api/config/streams', body: { streams: changed } });
  return calls;
}

/** Credentials in the address of a stream are the camera's, as the API takes them. */
function withLoginOfUrl(given: CameraAdd): Wanted {
  if (!given.streams) return given;
  const read = given.streams.map(({ rtsp_url }) => streamAddress(rtsp_url));
  const login = given.username ? undefined : read.find((one) => one?.username !== undefined);
  return {
    ...given,
    ...(login ? { username: login.username, password: login.password ?? null } : {}),
    streams: given.streams.map((stream, index) => ({
      ...stream,
      rtsp_url: read[index]?.url ?? stream.rtsp_url,
    })),
  };
}
