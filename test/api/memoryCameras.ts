import type { Cameras, StreamSounding } from '../../daemon/api/deps.ts';
import type { FoundCamera } from '../../daemon/camera/adoption.ts';
import { CameraError, cameraNotFound, streamNotFound } from '../../daemon/camera/cameraError.ts';
import { freeId, rowsOfOnvif } from '../../daemon/camera/cameraRows.ts';
import type { VideoFormat, VideoViewer } from '../../daemon/camera/streamVideo.ts';
import { Hub } from '../../daemon/fanout/hub.ts';
import type { AccessUnit } from '../../daemon/frame.ts';
import type { Camera, ServerEvent, StreamAdd, StreamStatus } from '../../daemon/schema.ts';

/** Cameras that need no camera: for what a route does with them. Pictures are what the test publishes. */
export class MemoryCameras implements Cameras {
  readonly all = new Map<string, Camera>();
  readonly byName = new Map<string, StreamStatus>();
  readonly units = new Map<string, AccessUnit>();
  readonly hubs = new Map<string, Hub>();
  /** Who is sent the camera's own video: the test offers it. */
  readonly videoViewers = new Map<string, Set<VideoViewer>>();
  readonly listeners = new Set<(event: ServerEvent) => void>();
  /** Renditions and videos that are held at the moment. */
  leases = 0;

  hub(name: string): Hub {
    const hub = this.hubs.get(name) ?? new Hub();
    this.hubs.set(name, hub);
    return hub;
  }

  cameras = () => [...this.all.values()];
  camera = (id: string) => this.all.get(id);
  streams = () => [...this.byName.values()];
  stream = (name: string) => this.byName.get(name);
  latestUnit = (name: string) => this.units.get(name);
  snapshot = (): ServerEvent => ({
    type: 'streams',
    streams: this.streams().map(({ name, camera, state }) => ({
      name,
      camera,
      state,
      since: 1,
      message: null,
    })),
  });

  async addCamera(): Promise<Camera> {
    throw new CameraError(502, 'onvif_unreachable', 'Nothing answers there.');
  }

  addFound({ name, username, password, description }: FoundCamera): Camera {
    const id = freeId(name, (taken) => this.all.has(taken));
    const { address, manufacturer, model } = description;
    const streams = rowsOfOnvif(id, description).map(
      ({ name, profile, rtsp_url, codec, width, height, fps }) => ({
        ...{ name, profile, rtsp_url, codec, width, height, fps, state: 'idle' as const },
      }),
    );
    const has_password = password !== null && password !== '';
    const known = { address, manufacturer, model, username, has_password, streams };
    const added = { ...camera(id), name, ...known };
    this.all.set(id, added);
    return added;
  }

  async patchCamera(id: string, body: { name?: string }): Promise<Camera> {
    const camera = this.all.get(id);
    if (!camera) throw cameraNotFound(id);
    if (body.name !== undefined) camera.name = body.name;
    return camera;
  }

  async removeCamera(id: string): Promise<void> {
    if (!this.all.delete(id)) throw cameraNotFound(id);
  }

  async addStream(body: StreamAdd): Promise<StreamStatus> {
    if (this.byName.has(body.name))
      throw new CameraError(409, 'stream_exists', `There is ${body.name} already.`);
    if (!body.rtsp_url.startsWith('rtsp://'))
      throw new CameraError(400, 'invalid_url', 'That is no rtsp:// address.');
    const status = streamStatus(body);
    this.byName.set(body.name, status);
    this.all.set(body.name, camera(body.name));
    return status;
  }

  async putStream(body: StreamAdd): Promise<'added' | 'updated'> {
    const before = this.byName.get(body.name);
    if (!before) {
      await this.addStream(body);
      return 'added';
    }
    Object.assign(before, streamStatus(body));
    return 'updated';
  }

  async removeStream(name: string): Promise<void> {
    if (!this.byName.delete(name)) throw streamNotFound(name);
    this.all.delete(name);
    this.hubs.get(name)?.end();
  }

  startStream = async (name: string) => this.#enable(name, true);
  stopStream = async (name: string) => this.#enable(name, false);

  #enable(name: string, enabled: boolean): StreamStatus {
    const stream = this.byName.get(name);
    if (!stream) throw streamNotFound(name);
    return Object.assign(stream, { enabled, state: enabled ? 'idle' : 'stopped' });
  }

  openRendition(name: string): { rendition: { hub: Hub }; release(): void } {
    if (!this.byName.has(name)) throw streamNotFound(name);
    this.leases++;
    return { rendition: { hub: this.hub(name) }, release: () => this.leases-- };
  }

  openVideo(name: string, _format: VideoFormat, viewer: VideoViewer): () => void {
    if (!this.byName.has(name)) throw streamNotFound(name);
    this.leases++;
    const viewers = this.videoViewers.get(name) ?? new Set();
    this.videoViewers.set(name, viewers.add(viewer));
    return () => {
      if (viewers.delete(viewer)) this.leases--;
    };
  }

  soundOf(name: string): StreamSounding {
    if (!this.byName.has(name)) throw streamNotFound(name);
    return { audio: false, soundState: 'none', openSound: () => () => {} };
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  announce(event: ServerEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

export function camera(id: string): Camera {
  return {
    id,
    name: id,
    address: null,
    username: null,
    has_password: false,
    manufacturer: null,
    model: null,
    firmware: null,
    serial: null,
    ptz: false,
    audio: false,
    recording: false,
    last_picture: null,
    streams: [],
  };
}

function streamStatus(body: StreamAdd): StreamStatus {
  return {
    name: body.name,
    connected: false,
    playing: false,
    packets_received: 0,
    frames_received: 0,
    bytes_received: 0,
    camera: body.name,
    profile: 'main',
    state: 'idle',
    enabled: body.enabled ?? true,
    last_frame_time: null,
    rtsp_url: body.rtsp_url,
    rtsp_path: `/${body.name}`,
    channel: body.channel ?? null,
    subtype: body.subtype ?? null,
    keep_warm: body.keep_warm ?? true,
    transport: body.transport ?? 'auto',
    transport_in_use: null,
    codec: null,
    codec_string: null,
    width: null,
    height: null,
    fps: null,
    key_frame_interval: null,
    packets_lost: 0,
    packets_reordered: 0,
    degraded: null,
    frames_dropped: 0,
    connects: 0,
    viewers: 0,
    video_viewers: 0,
    renditions: [],
    last_error: null,
  };
}
