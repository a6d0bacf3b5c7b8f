import {
  parseDeviceAddress,
  repairSnapshotUri,
  repairStreamUri,
} from '../../../daemon/camera/onvifAddress.ts';
import { parseServiceUrl } from '../../../daemon/discover/xaddrs.ts';
import { aggregateUrl, baseUrl, setupUrls } from '../../../daemon/ingest/controlUrl.ts';
import { parseSourceUrl, redactUrl } from '../../../daemon/ingest/sourceUrl.ts';
import { always, text } from '../target.ts';

export const seeds = [
  text('rtsp://admin:a/b?c@10.0.0.5:555/main?x=1#y'),
  text('https://u:p@[fe80::1]:444/snap.jpg?user=a&password=b'),
  text('http://192.168.1.64/onvif/device_service'),
  text('rtsp://10.0.0.5/trackID=1?a'),
];

export function fuzz(data: Buffer): void {
  const said = data.toString('utf8');
  const url = parseSourceUrl(said);
  if (!('invalid' in url)) {
    always(/^[a-z]+:\/\/[\x21-\x7e]+$/.test(url.requestUrl), 'what goes on the request line is plain');
    const again = parseSourceUrl(url.requestUrl);
    always(
      !('invalid' in again) && again.requestUrl === url.requestUrl,
      'what was read is read the same again',
    );
    setupUrls(aggregateUrl(baseUrl(said, url.requestUrl), said), said);
  }
  redactUrl(said);
  parseServiceUrl(said);
  parseDeviceAddress(said);
  repairStreamUri(said, 'camera');
  repairSnapshotUri(said, 'camera');
}
