import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hub } from '../../daemon/fanout/hub.ts';
import { MjpegViewer } from '../../daemon/fanout/mjpeg.ts';
import { Pacer } from '../../daemon/fanout/pacer.ts';
import type { JpegFrame } from '../../daemon/frame.ts';

let sequence = 0;
function picture(bytes = 1000): JpegFrame {
  const now = performance.now();
  const data = Buffer.alloc(bytes, sequence + 1);
  data.set([0xff, 0xd8]);
  data.set([0xff, 0xd9], bytes - 2);
  return { data, sequence: ++sequence, receivedAt: now, decodedAt: now };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 5) {
    if (condition()) return;
    await sleep(5);
  }
  assert.fail(`never happened: ${what}`);
}

describe('an M-JPEG viewer', () => {
  const hub = new Hub();
  const pacer = new Pacer();
  const viewers: MjpegViewer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    const paced = request.url === '/paced';
    const viewer = new MjpegViewer({ response, hub, stream: 's', pacer: paced ? pacer : undefined });
    viewers.push(viewer);
    void viewer.serve(hub);
  });

  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function open(path: string): Promise<{ socket: Socket; viewer: MjpegViewer; bytes: () => Buffer }> {
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    const count = viewers.length;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(() => viewers.length > count, 'the request arrives');
    const viewer = viewers.at(-1);
    assert.ok(viewer);
    return { socket, viewer, bytes: () => Buffer.concat(chunks) };
  }

  it('sends the boundary and headers of the next part straight behind each picture, without Content-Length', async () => {
    const { bytes, socket } = await open('/');
    const frame = picture();
    hub.publish(frame);
    const tail = '\r\n--walleye-picture\r\nContent-Type: image/jpeg\r\n\r\n';
    await until(
      () => bytes().indexOf(frame.data) > 0 && bytes().toString('latin1').endsWith(tail),
      'picture and next head',
    );
    const text = bytes().toString('latin1');
    const head = text.slice(0, text.indexOf('\r\n\r\n'));
    assert.match(head, /multipart\/x-mixed-replace;boundary=walleye-picture/);
    assert.doesNotMatch(text, /content-length|transfer-encoding/i);
    assert.equal(text.slice(head.length + 4).startsWith('--walleye-picture\r\n'), true);
    socket.destroy();
    await until(() => hub.viewers === 0, 'the viewer leaves the hub');
  });

  it('gets the newest picture at once when it joins', async () => {
    const frame = picture();
    hub.publish(frame);
    const { bytes, socket } = await open('/');
    await until(() => bytes().indexOf(frame.data) > 0, 'the picture that was there before');
    socket.destroy();
    await until(() => hub.viewers === 0, 'gone');
  });

  it('that reads nothing keeps one picture, drops the others and costs the other viewers none', async () => {
    const slow = await open('/');
    slow.socket.pause();
    const quick = await open('/');
    const before = quick.viewer.sent;
    const size = 200_000;
    for (let n = 0; n < 100; n++) {
      const sent = quick.viewer.sent;
      hub.publish(picture(size));
      await until(() => quick.viewer.sent > sent, 'the quick viewer gets every picture');
    }
    assert.equal(quick.viewer.sent - before, 100);
    assert.ok(slow.viewer.dropped > 50, `dropped ${slow.viewer.dropped}`);
    assert.ok(hub.dropped >= slow.viewer.dropped);
    const pending = viewers[viewers.indexOf(slow.viewer)];
    assert.ok(pending);
    slow.socket.destroy();
    quick.socket.destroy();
    await until(() => hub.viewers === 0, 'gone');
  });

  it('is told the age of what it was sent, from the moment the camera’s bytes arrived', async () => {
    const { viewer, socket } = await open('/');
    const frame = { ...picture(), receivedAt: performance.now() - 3000 };
    hub.publish(frame);
    await until(() => viewer.sent > 0 && (viewer.age ?? 0) >= 3000, 'age counts from reception');
    socket.destroy();
    await until(() => hub.viewers === 0, 'gone');
  });

  it('that is paced writes the newest picture on the tick and nothing between', async () => {
    const { viewer, socket, bytes } = await open('/paced');
    const first = picture();
    hub.publish(first);
    await until(() => bytes().indexOf(first.data) > 0, 'the first picture, at the latest on a tick');
    const sent = viewer.sent;
    const dropped = viewer.dropped;
    const frames = Array.from({ length: 5 }, () => picture());
    for (const frame of frames) hub.publish(frame); // all within one turn of the event loop, so within one tick
    assert.equal(viewer.sent, sent);
    assert.equal(viewer.dropped - dropped, 4);
    await until(() => viewer.sent === sent + 1, 'the newest on the tick');
    await until(() => bytes().indexOf(frames[4]!.data) > 0, 'the newest picture arrives');
    for (const older of frames.slice(0, 4))
      assert.equal(bytes().indexOf(older.data), -1, 'an older one was written');
    socket.destroy();
    await until(() => hub.viewers === 0, 'gone');
  });

  it('is ended when its rendition is gone, also one that comes later', async () => {
    const own = new Hub();
    const other = createServer((_request, response) => {
      void new MjpegViewer({ response, hub: own, stream: 's' }).serve(own);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const first = await fetch(url);
    own.end();
    await first.arrayBuffer();
    await (await fetch(url)).arrayBuffer();
    other.close();
  });
});
