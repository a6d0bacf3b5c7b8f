/** A camera that can be moved, in a store of its own, for the tests of PTZ. */
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { PtzControl, type PtzOptions } from '../../daemon/camera/ptz.ts';
import type { CameraRow } from '../../daemon/store/rows.ts';
import { openStore } from '../../daemon/store/store.ts';
import { cameraRow, streamRow } from '../store/rows.ts';
import type { OnvifServiceOptions } from '../virtual-camera/onvifService.ts';
import { VirtualPtz, type VirtualPtzOptions } from '../virtual-camera/ptz.ts';
import { camera, LOGIN, MAIN } from './onvifCamera.ts';

export interface PtzSetUp {
  motors?: VirtualPtzOptions;
  service?: Partial<OnvifServiceOptions>;
  row?: Partial<CameraRow>;
  control?: Partial<PtzOptions>;
}

/** Ends with the test. `stop` is the daemon's own end. */
export async function movable(t: TestContext, { motors, service, row, control }: PtzSetUp = {}) {
  const ptz = new VirtualPtz(motors);
  t.after(() => ptz.close());
  const onvif = await camera(t, {
    ptz,
    profiles: [MAIN, { ...MAIN, token: 'Profile_2', ptz: true }],
    ...service,
  });
  const { store } = openStore(':memory:');
  store.insertCamera(cameraRow('yard', { address: onvif.url, ...LOGIN, ptz: true, ...row }), [
    streamRow('yard_main', 'yard', { profile_token: 'Profile_1' }),
    streamRow('yard_sub', 'yard', { profile: 'sub', profile_token: 'Profile_2', position: 1 }),
  ]);
  const announced: unknown[] = [];
  const listeners = new Set<(event: never) => void>();
  const cameras: PtzOptions['cameras'] = {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: (event) => {
      announced.push(event);
      for (const listener of listeners) (listener as (event: unknown) => void)(event);
    },
  };
  const log = pino({ level: 'silent' });
  const mover = new PtzControl({ store, cameras, log, ...control });
  const ended = new AbortController();
  const running = mover.run(ended.signal);
  const stop = async () => {
    ended.abort();
    await running;
  };
  t.after(async () => {
    await stop();
    store.close();
  });
  return {
    ptz,
    onvif,
    store,
    mover,
    cameras,
    announced,
    stop,
    calls: () => ptz.calls.map(({ call }) => call),
  };
}
