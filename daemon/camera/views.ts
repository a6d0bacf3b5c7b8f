import { redactUrl } from '../ingest/sourceUrl.ts';
import type {
  Camera,
  OnvifDescription,
  ServerEvent,
  StreamDegradation,
  StreamStatus,
  StreamSummary,
  System,
} from '../schema.ts';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import { DEFAULT_QUALITY, type DecodeTools, type Rendition } from './rendition.ts';
import type { StreamSource } from './streamSource.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** What the API tells of cameras and streams. Passwords go in and never come out. */

export function streamSource(row: StreamRow, camera: CameraRow): StreamSource {
  return {
    name: row.name,
    camera: camera.id,
    profile: row.profile,
    url: row.rtsp_url,
    username: row.username ?? camera.username,
    password: row.username !== null ? row.password : camera.password,
    transport: row.transport,
    knownTransport: row.known_transport,
    enabled: row.enabled,
    keepWarm: row.keep_warm,
  };
}

/** Some cameras put the login into the addresses that they give. */
export function descriptionView(description: OnvifDescription): OnvifDescription {
  const shown = (url: string | null) => url && redactUrl(url);
  const profiles = description.profiles.map((profile) => ({
    ...profile,
    rtsp_url: shown(profile.rtsp_url),
    snapshot_url: shown(profile.snapshot_url),
  }));
  return { ...description, profiles };
}

export function streamSummary(supervisor: StreamSupervisor): StreamSummary {
  const { source, counters } = supervisor;
  const { packets_received, frames_received, bytes_received } = counters.sums;
  return {
    name: source.name,
    connected: supervisor.connected,
    playing: supervisor.playing,
    packets_received,
    frames_received,
    bytes_received,
    camera: source.camera,
    profile: source.profile,
    state: supervisor.state,
    enabled: source.enabled,
  };
}

export function streamStatus(
  supervisor: StreamSupervisor,
  row: StreamRow,
  degraded: StreamDegradation | null,
): StreamStatus {
  const video = supervisor.latest?.video;
  const { packets_lost, packets_reordered, frames_dropped } = supervisor.counters.sums;
  const renditions = supervisor.renditions.map(renditionStatus);
  return {
    ...streamSummary(supervisor),
    last_frame_time: supervisor.counters.lastFrameTime,
    rtsp_url: redactUrl(row.rtsp_url),
    rtsp_path: `/${row.name}`,
    channel: row.channel,
    subtype: row.subtype,
    keep_warm: row.keep_warm,
    transport: row.transport,
    transport_in_use: supervisor.transportInUse ?? null,
    codec: video?.codec ?? row.codec,
    codec_string: video?.codecString ?? null,
    width: video?.width ?? row.width,
    height: video?.height ?? row.height,
    fps: rounded(supervisor.frameRate.fps),
    key_frame_interval: rounded(supervisor.frameRate.keyInterval),
    packets_lost,
    packets_reordered,
    frames_dropped,
    degraded,
    connects: supervisor.connects,
    viewers: renditions.reduce((sum, { viewers }) => sum + viewers, supervisor.videoViewers),
    video_viewers: supervisor.videoViewers,
    renditions,
    last_error: supervisor.lastError ?? null,
  };
}

function renditionStatus(rendition: Rendition): StreamStatus['renditions'][number] {
  const { query, hub, decoder } = rendition;
  return {
    width: query.width ?? 0,
    height: query.height ?? 0,
    fps: query.fps ?? null,
    quality: query.quality ?? DEFAULT_QUALITY,
    viewers: hub.viewers,
    frames: hub.frames,
    drops: hub.dropped,
    decoder: decoder.status.hwaccel,
    restarts: decoder.status.restarts,
    pid: decoder.status.pid,
  };
}

export function cameraView(
  camera: CameraRow,
  streams: readonly { row: StreamRow; supervisor: StreamSupervisor | undefined }[],
  known: Pick<Camera, 'last_picture' | 'recording'>,
): Camera {
  return {
    id: camera.id,
    name: camera.name,
    address: camera.address,
    username: camera.username,
    has_password: camera.password !== null && camera.password !== '',
    manufacturer: camera.manufacturer,
    model: camera.model,
    firmware: camera.firmware,
    serial: camera.serial,
    ptz: camera.ptz,
    audio: streams.some(({ supervisor }) => supervisor?.audio),
    ...known,
    streams: streams.map(({ row, supervisor }) => ({
      name: row.name,
      profile: row.profile,
      rtsp_url: redactUrl(row.rtsp_url),
      state: supervisor?.state ?? (row.enabled ? 'idle' : 'stopped'),
      codec: row.codec,
      width: row.width,
      height: row.height,
      fps: rounded(supervisor?.frameRate.fps) ?? row.fps,
    })),
  };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 100) / 100;
}

/** What the system page tells of the decoders. `fallbacks`: renditions that decode in software although hardware was chosen. */
export function decodeFacts(
  { ffmpeg, decoder, sandbox }: DecodeTools,
  fallbacks: number,
  stepped_down: System['decode']['stepped_down'],
): Pick<System, 'ffmpeg' | 'decode' | 'sandbox'> {
  const { path, version, source, hwaccels, warning } = ffmpeg;
  const { chosen, reason, candidates } = decoder;
  return {
    ffmpeg: { path, version, source, hwaccels: [...hwaccels], warning },
    decode: { chosen, reason, candidates: [...candidates], fallbacks, stepped_down },
    sandbox: { kind: sandbox.kind, network: sandbox.network, files: sandbox.files, warning: sandbox.warning },
  };
}

type StreamEvent = Extract<ServerEvent, { type: 'streams' }>['streams'][number];

/** A stream's state, as the events socket tells it. */
export function streamEvent(supervisor: StreamSupervisor): StreamEvent {
  const { source, state, since, lastError } = supervisor;
  return { name: source.name, camera: source.camera, state, since, message: lastError?.message ?? null };
}
