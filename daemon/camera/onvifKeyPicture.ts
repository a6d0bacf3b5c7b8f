/** Asks a camera for a key picture at once. Runs in a thread of onvifThread.ts. */
import { OnvifError } from './onvifError.ts';
import type { MediaService } from './onvifServices.ts';
import type { OnvifSession } from './onvifSession.ts';
import { escapeXml } from './onvifText.ts';

const NAMESPACES = {
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
};

/**
 * SetSynchronizationPoint (ONVIF Media §5.17, Media2 §5.4.5): "the device shall insert an I-frame into the stream". Mandatory in
 * Profile S, and the same in both services.
 * @param profile token; that of a Media2 profile may mean nothing to Media1
 * @throws OnvifError
 */
export async function askKeyPicture(session: OnvifSession, profile: string): Promise<void> {
  const services = (['media', 'media2'] as const).filter((service) => session.cam.uri?.[service]?.path);
  let failure: unknown = new OnvifError('fault', 'The camera has no media service', session.place);
  for (const service of services) {
    try {
      await session.send('SetSynchronizationPoint', service, body(service, profile));
      return;
    } catch (error) {
      if (!(error instanceof OnvifError) || error.code !== 'fault') throw error;
      failure = error;
    }
  }
  throw failure;
}

function body(service: MediaService, profile: string): string {
  const token = `<ProfileToken>${escapeXml(profile)}</ProfileToken>`;
  return `<SetSynchronizationPoint xmlns="${NAMESPACES[service]}">${token}</SetSynchronizationPoint>`;
}
