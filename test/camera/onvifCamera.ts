/** A virtual camera for the tests of ONVIF. */
import type { TestContext } from 'node:test';
import {
  type OnvifServiceOptions,
  startOnvifService,
  type VirtualProfile,
} from '../virtual-camera/onvifService.ts';

export const LOGIN = { username: 'admin', password: 'pä&<ss>:"@w0rd' };
export const MAIN: VirtualProfile = {
  token: 'Profile_1',
  name: 'mainStream',
  width: 1280,
  height: 720,
  fps: 15,
  codec: 'h264',
  bitrate: 2048,
  gop: 30,
  rtspUrl: 'rtsp://127.0.0.1:8554/main',
  snapshotUrl: 'http://127.0.0.1:8080/snapshot.jpg?profile=1&x=2',
};

/** Ends with the test. */
export async function camera(t: TestContext, options: Partial<OnvifServiceOptions> = {}) {
  const service = await startOnvifService({
    name: 'Virtual',
    host: '127.0.0.1',
    profiles: [MAIN],
    ...LOGIN,
    ...options,
  });
  t.after(() => service.close());
  return service;
}
