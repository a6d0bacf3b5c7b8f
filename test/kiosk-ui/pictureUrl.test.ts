import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLocal, pictureBounds, pictureUrl, shardAddress } from '../../kiosk-ui/wall/pictureUrl.ts';

describe('shardAddress', () => {
  it('leaves the page’s own address to the API', () => {
    for (let slot = 0; slot < 64; slot++) assert.notEqual(shardAddress(slot), '127.0.0.1');
  });

  it('gives sixteen tiles an address each, and no address more than five of sixty-four', () => {
    const addresses = Array.from({ length: 64 }, (_, slot) => shardAddress(slot));
    assert.equal(new Set(addresses.slice(0, 16)).size, 16);
    const most = Math.max(
      ...Object.values(Object.groupBy(addresses, (a) => a)).map((tiles) => tiles?.length ?? 0),
    );
    assert.ok(most <= 5, `${most} tiles on one address`);
  });

  it('stays within the addresses that the daemon’s content security policy lists', () => {
    for (let slot = 0; slot < 64; slot++)
      assert.match(shardAddress(slot), /^127\.0\.0\.([2-9]|[12]\d|3[0-2])$/);
  });
});

describe('isLocal', () => {
  it('knows the loopback names and addresses', () => {
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) assert.ok(isLocal(name), name);
    for (const name of ['192.168.1.9', 'walleye.local', '127.evil.example', '10.0.127.1']) {
      assert.ok(!isLocal(name), name);
    }
  });
});

describe('pictureBounds', () => {
  it('rounds up to sixteen, so that tiles a pixel apart share a rendition', () => {
    assert.deepEqual(pictureBounds(640, 360, 1), { width: 640, height: 368 });
    assert.deepEqual(pictureBounds(639.5, 359.6, 1), { width: 640, height: 368 });
  });

  it('counts device pixels', () => {
    assert.deepEqual(pictureBounds(195, 110, 3), { width: 592, height: 336 });
  });

  it('stays within what the API takes', () => {
    assert.deepEqual(pictureBounds(0.2, 0, 1), { width: 16, height: 16 });
    assert.deepEqual(pictureBounds(9000, 9000, 2), { width: 7680, height: 4320 });
  });

  it('does not grow by a step because of a rounding error in unit coordinates', () => {
    assert.equal(pictureBounds((1 / 3 + 1e-12) * 1920, 100, 1).width, 640);
  });
});

describe('pictureUrl', () => {
  const request = {
    origin: 'http://127.0.0.5:8080',
    stream: 'front-door_sub',
    width: 640,
    height: 368,
    viewer: 'a1b2.3-4',
    paced: false,
    ticket: null,
  };

  it('asks for size and viewer, and for pacing only where wanted', () => {
    const url = 'http://127.0.0.5:8080/api/streams/front-door_sub/mjpeg?width=640&height=368&viewer=a1b2.3-4';
    assert.equal(pictureUrl(request), url);
    assert.equal(pictureUrl({ ...request, paced: true }), `${url}&paced=true`);
    assert.equal(pictureUrl({ ...request, ticket: 'a+b' }), `${url}&ticket=a%2Bb`);
  });
});
