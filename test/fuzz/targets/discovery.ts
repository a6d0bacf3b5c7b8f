import { looksLikeCamera, parseDescription } from '../../../daemon/discover/deviceDescription.ts';
import { readScopes } from '../../../daemon/discover/scopes.ts';
import { readSsdpReply } from '../../../daemon/discover/ssdpReply.ts';
import { parseReply } from '../../../daemon/discover/wsDiscovery.ts';
import { text } from '../target.ts';

export const seeds = [
  text(
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1419d68a-1dd2-11b2-a105-000000000000</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/IPC%20A onvif://www.onvif.org/hardware/X</d:Scopes><d:XAddrs>http://10.0.0.5/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>',
  ),
  text(
    'LOCATION: http://10.0.0.5:49152/desc.xml',
    'ST: upnp:rootdevice',
    'USN: uuid:abc::upnp:rootdevice',
    'SERVER: Linux UPnP/1.0',
  ),
  text(
    '<root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>cam</friendlyName><manufacturer>A&amp;B</manufacturer><UDN>uuid:x</UDN></device></root>',
  ),
];

/** WS-Discovery, SSDP and the device descriptions that the latter names. */
export function fuzz(data: Buffer): void {
  for (const { scopes } of parseReply(data).matches) readScopes(scopes);
  const said = data.toString('latin1');
  const headers: Record<string, string> = {};
  for (const line of said.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toUpperCase()] = line.slice(colon + 1).trim();
  }
  readSsdpReply(headers, '10.0.0.5');
  looksLikeCamera(said, parseDescription(data));
}
