/** Cameras that give their pictures over HTTP: M-JPEG by ffmpeg's own server, single JPEGs by a small one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { freePort } from '../network/freePort.ts';
import { MjpegViewer } from './mjpegViewer.ts';

describe('a camera over HTTP', { timeout: 120_000 }, () => {
  let daemon: Daemon;
  let camera: Server;
  let at: string;
  let asked = 0;
  const stream = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
  const view = (name: string, query = '') =>
    MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg${query}`);
  const add = (id: string, url: string) =>
    daemon.api('POST', '/api/cameras', { id, name: id, streams: [{ profile: 'main', rtsp_url: url }] });

  before(async () => {
    daemon = await startDaemon();
    camera = createServer(({ url, headers }, response) => {
      asked++;
      if (url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
      const login = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
      if (headers.authorization !== login)
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
      const data = Buffer.alloc(320 * 240 * 4, asked % 200);
      return response
        .writeHead(200, { 'content-type': 'image/jpeg' })
        .end(jpeg.encode({ data, width: 320, height: 240 }, 80).data);
    }).listen(0, '127.0.0.1');
    await once(camera, 'listening');
    at = `127.0.0.1:${(camera.address() as { port: number }).port}`;
  });
  after(async () => {
    await daemon?.stop();
    camera.closeAllConnections();
    camera.close();
  });

  it('of single JPEGs is live, to viewers as it is and smaller, and left alone when nobody looks', async () => {
    await add('gate', `http://admin:secret@${at}/snapshot.jpg#now`);
    assert.equal((await stream('gate_main')).rtsp_url, `http://${at}/snapshot.jpg`);
    assert.equal(asked, 0);
    const [whole, small] = [await view('gate_main'), await view('gate_main', '?width=160')];
    await until('three pictures each', () => whole.pictures >= 3 && small.pictures >= 3);
    const { state, codec, width, height, transport_in_use, renditions } = await stream('gate_main');
    assert.deepEqual([state, codec, width, height, transport_in_use], ['live', 'mjpeg', 320, 240, 'http']);
    assert.equal(renditions.filter(({ pid }) => pid === null).length, 1);
    assert.equal(jpeg.decode(small.last!).width, 160);
    // Over HTTP there is nobody to talk to, which is no fault of the camera.
    assert.deepEqual(await daemon.api('GET', '/api/cameras/gate/loudspeaker'), { supported: false });
    for (const viewer of [whole, small]) viewer.close();
    await until('it rests', async () => (await stream('gate_main')).state === 'idle');
    const then = asked;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(asked, then);
  });

  it('of M-JPEG is live while it sends, and again when it is back', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/video.mjpg`;
    const serve = () => {
      const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10'];
      const sink = [
        '-f',
        'mpjpeg',
        '-content_type',
        'multipart/x-mixed-replace;boundary=ffmpeg',
        '-listen',
        '1',
        url,
      ];
      return spawn('ffmpeg', ['-v', 'error', ...source, ...sink], { stdio: 'ignore' });
    };
    const end = async (child: ReturnType<typeof serve>) => {
      if (child.kill('SIGKILL')) await once(child, 'exit');
    };
    let server = serve();
    try {
      await add('yard', url);
      const viewer = await view('yard_main');
      await until('ten pictures', () => viewer.pictures > 10);
      assert.equal((await stream('yard_main')).state, 'live');
      await end(server);
      await until('it is gone', async () => (await stream('yard_main')).state !== 'live');
      server = serve();
      const before = viewer.pictures;
      await until('more pictures, to the same viewer', () => viewer.pictures > before + 10);
      viewer.close();
    } finally {
      await end(server);
    }
  });

  it('says what is wrong: a web page, a wrong password, no address at all', async () => {
    const wrong = async (id: string, url: string, state: string) => {
      await add(id, url);
      const viewer = await view(`${id}_main`);
      const now = await until('the error', async () => {
        const now = await stream(`${id}_main`);
        return now.last_error && now.state === state && now;
      });
      viewer.close();
      return now.last_error?.message;
    };
    assert.match(
      (await wrong('page', `http://${at}/`, 'unsupported')) ?? '',
      /sent text\/html, and no video in it/,
    );
    assert.match(
      (await wrong('login', `http://a:b@${at}/x`, 'refused')) ?? '',
      /refuses this user name or password/,
    );
    await assert.rejects(
      add('none', 'ftp://camera/'),
      /400.*invalid_rtsp_url.*only rtsp:\/\/, rtsps:\/\/, http:\/\//,
    );
  });
});
