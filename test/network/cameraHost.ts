/** A program: the ONVIF and discovery half of a virtual camera, on a host of its own. Argument: JSON. */
import { type DiscoveryOptions, startDiscoveryResponder } from '../virtual-camera/discoveryResponder.ts';
import { type OnvifServiceOptions, startOnvifService } from '../virtual-camera/onvifService.ts';

export interface CameraHost {
  onvif?: OnvifServiceOptions;
  discovery: DiscoveryOptions;
}

const { onvif, discovery } = JSON.parse(process.argv[2] ?? '') as CameraHost;
if (onvif) await startOnvifService(onvif);
await startDiscoveryResponder(discovery);
console.log('ready');
