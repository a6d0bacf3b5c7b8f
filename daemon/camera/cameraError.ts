/** A request about cameras or streams that cannot be met. `code` and `status` go to the API's client as they are. */
export class CameraError extends Error {
  override name = 'CameraError';
  readonly code: string;
  readonly status: 400 | 404 | 409 | 502 | 503;

  constructor(status: CameraError['status'], code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

export function cameraNotFound(id: string): CameraError {
  return new CameraError(404, 'camera_not_found', `There is no camera ${id}. GET /api/cameras lists them.`);
}

export function streamNotFound(name: string): CameraError {
  return new CameraError(404, 'stream_not_found', `There is no stream ${name}. GET /api/streams lists them.`);
}
