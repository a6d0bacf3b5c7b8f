import { isFileUrl, parseFileUrl } from '../ingest/files/fileUrl.ts';
import { parseRtspUrl, parseSourceUrl } from '../ingest/sourceUrl.ts';
import { isV4l2Url, parseV4l2Url } from '../ingest/v4l2/v4l2Url.ts';
import { type CameraAdd, NAME_PATTERN, type OnvifDescription, type StreamAdd } from '../schema.ts';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import { CameraError } from './cameraError.ts';
import { withChannel } from './dahuaChannel.ts';

/** Makes the rows of new cameras and streams out of what the API was given. Pure. */

const nameRule = new RegExp(NAME_PATTERN);

/** `Loading dock 2` → `loading-dock-2`; a name without Latin letters becomes `camera`. A number is added where it is taken. */
export function freeId(name: string, taken: (id: string) => boolean): string {
  const slug = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 40);
  const base = slug === '' ? 'camera' : slug;
  if (!taken(base)) return base;
  for (let n = 2; ; n++) if (!taken(`${base}-${n}`)) return `${base}-${n}`;
}

export function newCamera(id: string, name: string, known: Partial<CameraRow> = {}): CameraRow {
  return {
    id,
    name,
    address: null,
    username: null,
    password: null,
    manufacturer: null,
    model: null,
    firmware: null,
    serial: null,
    endpoint: null,
    // To the millisecond: many are added within a second, and the wall has them in that order.
    created_at: Date.now() / 1000,
    ptz: false,
    ...known,
  };
}

function newStream(name: string, camera: string, profile: string, rtspUrl: string): StreamRow {
  if (!nameRule.test(name))
    throw new CameraError(
      400,
      'invalid_name',
      `“${name}” is too long or has other characters than A–Z a–z 0–9 _ -.`,
    );
  return {
    name,
    camera_id: camera,
    profile,
    rtsp_url: rtspUrl,
    username: null,
    password: null,
    channel: null,
    subtype: null,
    transport: 'auto',
    enabled: true,
    keep_warm: false,
    profile_token: null,
    snapshot_url: null,
    codec: null,
    width: null,
    height: null,
    fps: null,
    known_transport: null,
    position: 0,
  };
}

/** The address without credentials, and the credentials that stood in it. */
function checkedUrl(text: string): { url: string; username: string | null; password: string | null } {
  if (isFileUrl(text)) return withoutLogin(parseFileUrl(text));
  if (isV4l2Url(text)) return withoutLogin(parseV4l2Url(text));
  const parsed = parseSourceUrl(text);
  if ('invalid' in parsed)
    throw new CameraError(
      400,
      'invalid_rtsp_url',
      `rtsp_url: ${parsed.invalid}. It must look like rtsp://host:554/path, http://host/path, rtmp://host/path, srt://host:port, file:///folder or v4l2:///dev/video0, credentials apart or as rtsp://user:password@host/path.`,
    );
  const { requestUrl, username, password } = parsed;
  return { url: requestUrl, username: username ?? null, password: password ?? null };
}

/** An address on this box. */
function withoutLogin(parsed: { requestUrl: string } | { invalid: string }) {
  if (!('invalid' in parsed)) return { url: parsed.requestUrl, username: null, password: null };
  throw new CameraError(400, 'invalid_rtsp_url', `rtsp_url: ${parsed.invalid}.`);
}

/** A stream of the reference server: it becomes a camera of its own with this one stream, so that layouts can show it. */
export function rowsOfStream(body: StreamAdd): { camera: CameraRow; stream: StreamRow } {
  const { url, username, password } = checkedUrl(body.rtsp_url);
  const channel = body.channel ?? null;
  const subtype = body.subtype ?? null;
  return {
    camera: newCamera(body.name, body.name),
    stream: {
      ...newStream(body.name, body.name, subtype === 1 ? 'sub' : 'main', withChannel(url, channel, subtype)),
      username: body.username ?? username,
      password: body.password ?? password,
      channel,
      subtype,
      transport: body.transport ?? 'auto',
      enabled: body.enabled ?? true,
      keep_warm: body.keep_warm ?? true,
    },
  };
}

/** The streams of a camera added by hand. Credentials in a URL go to the camera when it has none. */
export function rowsByHand(
  id: string,
  streams: NonNullable<CameraAdd['streams']>,
): { streams: StreamRow[]; username: string | null; password: string | null } {
  let username: string | null = null;
  let password: string | null = null;
  const rows = streams.map((stream, position) => {
    const split = checkedUrl(stream.rtsp_url);
    if (split.username !== null && username === null) ({ username, password } = split);
    return {
      ...newStream(`${id}_${stream.profile}`, id, stream.profile, split.url),
      transport: stream.transport ?? 'auto',
      keep_warm: stream.keep_warm ?? false,
      position,
    };
  });
  if (new Set(rows.map((row) => row.name)).size < rows.length)
    throw new CameraError(
      400,
      'duplicate_profile',
      'Each stream of a camera needs a profile name of its own.',
    );
  return { streams: rows, username, password };
}

/** The streams of an ONVIF camera: the largest picture is `main`, the next `sub`, the others `profile3`, `profile4`, … */
export function rowsOfOnvif(id: string, description: OnvifDescription): StreamRow[] {
  const area = (profile: OnvifDescription['profiles'][number]) =>
    (profile.width ?? 0) * (profile.height ?? 0);
  const streams = description.profiles
    .filter((profile) => profile.rtsp_url !== null && !('invalid' in parseRtspUrl(profile.rtsp_url)))
    .sort((a, b) => area(b) - area(a))
    .map((profile, position) => {
      const name = position === 0 ? 'main' : position === 1 ? 'sub' : `profile${position + 1}`;
      return {
        ...newStream(`${id}_${name}`, id, name, checkedUrl(profile.rtsp_url ?? '').url),
        profile_token: profile.token,
        snapshot_url: profile.snapshot_url,
        codec: profile.codec,
        width: profile.width,
        height: profile.height,
        fps: profile.fps,
        position,
      };
    });
  if (streams.length === 0)
    throw new CameraError(
      502,
      'no_stream_profile',
      'The camera answers over ONVIF but offers no RTSP stream. Add it by its stream addresses instead.',
    );
  return streams;
}

/** What ONVIF tells of the device itself. */
export function identity(description: OnvifDescription): Partial<CameraRow> {
  const { manufacturer, model, firmware, serial, profiles } = description;
  return { manufacturer, model, firmware, serial, ptz: profiles.some(({ ptz }) => ptz) };
}
