import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsbCameraList } from '../../daemon/schema.ts';
import { call, startApi } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

const BY_ID = '/dev/v4l/by-id/usb-046d_C920-video-index0';

test('cameras at the USB: what is plugged in, and which of the cameras it is', async (t) => {
  let plugged = [
    { name: 'C920', device: '/dev/video0', path: BY_ID },
    { name: 'Cam Link', device: '/dev/video2', path: '/dev/video2' },
    { name: 'Other', device: '/dev/video4', path: '/dev/v4l/by-id/other-video-index0' },
  ];
  const api = await startApi({ usbCameras: async () => plugged });
  t.after(() => api.close());
  const add = (id: string, rtsp_url: string) => {
    const known = { codec: null, width: null, height: null, fps: null };
    const stream = { name: `${id}_main`, profile: 'main', rtsp_url, state: 'idle' as const, ...known };
    api.cameras.all.set(id, { ...camera(id), streams: [stream] });
  };
  add('desk', `v4l2://${BY_ID}?format=mjpeg`);
  // Typed by hand: the device in place of its link.
  add('hall', 'v4l2:///dev/video4');
  add('yard', 'rtsp://192.0.2.1/main');
  const { status, body } = await call<UsbCameraList>(api, 'GET', '/api/usb-cameras');
  assert.equal(status, 200);
  assert.deepEqual(body.cameras, [
    { name: 'C920', url: `v4l2://${BY_ID}`, camera: 'desk' },
    { name: 'Cam Link', url: 'v4l2:///dev/video2', camera: null },
    { name: 'Other', url: 'v4l2:///dev/v4l/by-id/other-video-index0', camera: 'hall' },
  ]);
  plugged = [];
  assert.deepEqual((await call<UsbCameraList>(api, 'GET', '/api/usb-cameras')).body.cameras, []);
});
