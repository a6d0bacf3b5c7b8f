import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withChannel } from '../../daemon/camera/dahuaChannel.ts';

describe('channel and subtype', () => {
  it('are appended in the Dahua way where the URL names no resource', () => {
    assert.equal(withChannel('rtsp://h:554', 2, 1), 'rtsp://h:554/cam/realmonitor?channel=2&subtype=1');
    assert.equal(withChannel('rtsp://h/', 1, null), 'rtsp://h/cam/realmonitor?channel=1&subtype=0');
    assert.equal(
      withChannel('rtsp://h/cam/realmonitor', 3, 0),
      'rtsp://h/cam/realmonitor?channel=3&subtype=0',
    );
  });
  it('are left alone where the URL says what it means', () => {
    const dahua = 'rtsp://h/cam/realmonitor?channel=1&subtype=0';
    assert.equal(withChannel(dahua, 4, 1), dahua);
    assert.equal(withChannel('rtsp://h/live', 1, 0), 'rtsp://h/live');
    assert.equal(withChannel('rtsp://h', null, null), 'rtsp://h');
  });
});
