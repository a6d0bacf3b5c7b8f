import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStreamAddress } from '../../kiosk-ui/admin/cameras/streamAddress.ts';

test('an address that somebody types is a stream’s or a device’s', () => {
  for (const stream of [
    'rtsp://10.0.0.5',
    'file:///srv/pictures?fps=2',
    'v4l2:///dev/video0',
    ' RTSPS://10.0.0.5/x ',
    'rtmp://10.0.0.5/bcs/channel0_main.bcs',
    'srt://10.0.0.5:9000',
    'http://10.0.0.5/mjpg/video.mjpg',
    'https://u:p@cam/?action=stream',
    'http://cam:8080/cgi-bin/snapshot.cgi?channel=1',
  ])
    assert.equal(isStreamAddress(stream), true, stream);
  for (const device of [
    '10.0.0.5',
    'cam.local:8080',
    'http://10.0.0.5',
    'http://10.0.0.5:8899/',
    'http://10.0.0.5/onvif/device_service',
    '',
  ])
    assert.equal(isStreamAddress(device), false, device);
});
