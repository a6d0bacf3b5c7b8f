import { parseV4l2Url } from '../ingest/v4l2/v4l2Url.ts';
import { type Camera, UsbCameraList } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';

/** Cameras at the box's USB, before and after they are added. */
export function usbCameraRoutes(app: App, { cameras, usbCameras }: ApiDeps): void {
  app.get(
    '/api/usb-cameras',
    {
      schema: {
        tags: ['discovery'],
        summary: 'The cameras at the USB of the box',
        description:
          '`camera`: which of the cameras it is; null: it was not added. POST /api/cameras adds it by its `url`.',
        response: { 200: described(UsbCameraList, 'What is plugged in now'), ...failures() },
      },
    },
    async () => {
      const plugged = (await usbCameras?.()) ?? [];
      const known = paths(cameras.cameras());
      return {
        cameras: plugged.map(({ name, device, path }) => ({
          name,
          url: `v4l2://${path}`,
          camera: known.get(path) ?? known.get(device) ?? null,
        })),
      };
    },
  );
}

/** Path of a video device → the camera that has it. */
function paths(cameras: readonly Camera[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { id, streams } of cameras)
    for (const { rtsp_url } of streams) {
      const url = parseV4l2Url(rtsp_url);
      if (!('invalid' in url)) found.set(url.path, id);
    }
  return found;
}
