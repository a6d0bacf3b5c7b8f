import type { CameraReboot } from '../schema.ts';
import type { Store } from '../store/store.ts';
import { CameraError, cameraNotFound } from './cameraError.ts';
import { onvifTarget } from './onvif.ts';
import { OnvifThread } from './onvifThread.ts';

/** Milliseconds, for finding the service and logging in, and for the whole of it. */
const FINDING = 8_000;
const PATIENCE = 15_000;

/** Restarts cameras over ONVIF, for those that hang. */
export class CameraReboots {
  readonly #store: Pick<Store, 'camera'>;
  /** By camera: who asks meanwhile gets the same answer. */
  readonly #underWay = new Map<string, Promise<CameraReboot>>();

  constructor(store: Pick<Store, 'camera'>) {
    this.#store = store;
  }

  /**
   * Resolves when the camera was told; it is away for a minute or two then.
   * @throws CameraError `camera_not_found`, `no_onvif` · OnvifError `unreachable`, `timeout`, `refused`, `not_onvif`, `fault`
   */
  reboot(id: string): Promise<CameraReboot> {
    const underWay = this.#underWay.get(id) ?? this.#reboot(id).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, underWay);
    return underWay;
  }

  async #reboot(id: string): Promise<CameraReboot> {
    const camera = this.#store.camera(id);
    if (!camera) throw cameraNotFound(id);
    const { address, username, password } = camera;
    if (address === null)
      throw new CameraError(
        409,
        'no_onvif',
        'The camera was added by its stream addresses. Give it its ONVIF address, or restart it on its own web page.',
      );
    const login = username === null ? {} : { username, password: password ?? '' };
    const thread = new OnvifThread(onvifTarget({ address, ...login, timeout: FINDING }));
    try {
      return { message: await thread.ask('reboot', undefined, PATIENCE) };
    } finally {
      await thread.close();
    }
  }
}
