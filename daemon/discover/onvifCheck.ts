/**
 * Asks a host directly whether it speaks ONVIF: for those that answered a probe by a fault or half a message, and for
 * SSDP cameras. README, cases 9 and 16.
 */
import { smallRequest } from './smallHttp.ts';
import { descendant, parseXml } from './xml.ts';

/** Reolink listens on 8000, Tapo on 2020 (README, case 30). */
const PORTS = [80, 8000, 2020, 8080] as const;

/** The one call that every device answers without a login (ONVIF Core, access class PRE_AUTH). */
const GET_TIME =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
  '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>';
const CONTENT_TYPE =
  'application/soap+xml; charset=utf-8; action="http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime"';

/** The device service of that host, or undefined when none answers within two seconds. Never rejects. */
export async function findDeviceService(address: string, signal: AbortSignal): Promise<string | undefined> {
  const answers = await Promise.all(
    PORTS.map(async (port) => {
      const url = new URL(`http://${address}:${port}/onvif/device_service`).href;
      const answer = await smallRequest({
        url,
        body: GET_TIME,
        contentType: CONTENT_TYPE,
        timeout: 2_000,
        maxBytes: 64 * 1024,
        signal,
      });
      if (answer.kind === 'error') return undefined;
      const body = parseXml(answer.body.toString('utf8'));
      // A fault is an answer too: some want a login even for the time.
      const speaks = descendant(body, 'GetSystemDateAndTimeResponse') ?? descendant(body, 'Fault');
      return speaks ? url : undefined;
    }),
  );
  return answers.find((url) => url !== undefined);
}
