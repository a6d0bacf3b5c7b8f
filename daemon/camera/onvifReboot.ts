/** Restarts a camera. Runs in a thread of onvifThread.ts. */
import { printable } from '../discover/scopes.ts';
import { descendant, parseXml } from '../discover/xml.ts';
import { OnvifError } from './onvifError.ts';
import type { OnvifSession } from './onvifSession.ts';

/**
 * SystemReboot (ONVIF Device Management, `ver10/device/wsdl`).
 * @returns what the camera says to it, such as “Rebooting in 30 seconds”; null: nothing
 * @throws OnvifError
 */
export async function rebootCamera(session: OnvifSession): Promise<string | null> {
  try {
    const answer = await session.send(
      'SystemReboot',
      undefined,
      '<SystemReboot xmlns="http://www.onvif.org/ver10/device/wsdl"/>',
    );
    const said = descendant(parseXml(answer), 'Message')?.text.trim();
    return said ? printable(said) : null;
  } catch (error) {
    // It was there a moment ago, and is going down already.
    if (error instanceof OnvifError && (error.code === 'unreachable' || error.code === 'timeout'))
      return null;
    throw error;
  }
}
