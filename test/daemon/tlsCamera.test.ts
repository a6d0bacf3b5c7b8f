/** A camera over TLS that shows another certificate one day: reset, exchanged, or somebody in between. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { generate } from 'selfsigned';
import type { StreamCertificate, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type ScriptedServer, startScriptedServer } from '../ingest/scriptedServer.ts';

describe('a camera over TLS', { timeout: 120_000 }, () => {
  let daemon: Daemon;
  let camera: ScriptedServer;
  let trusted: string;

  const stream = () => daemon.api<StreamStatus>('GET', '/api/streams/door');
  const certificate = () => daemon.api<StreamCertificate>('GET', '/api/streams/door/certificate');
  const live = () => until('it is live', async () => (await stream()).state === 'live');
  const anew = async (port?: number) => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'IPC' }]);
    camera = await startScriptedServer({}, { key, cert }, port);
  };

  before(async () => {
    daemon = await startDaemon();
    await anew();
    await daemon.api('POST', '/api/streams', {
      name: 'door',
      rtsp_url: camera.url,
      username: 'u',
      password: 'p',
    });
  });
  after(async () => {
    await daemon?.stop();
    await camera?.close();
  });

  it('is trusted when it is seen first', async () => {
    await live();
    const now = await certificate();
    assert.equal(now.offered, null);
    trusted = now.trusted ?? '';
    assert.match(trusted, /^[0-9a-f]{64}$/);
    assert.equal((await stream()).transport_in_use, 'tcp');
  });

  it('is refused with another certificate, told nothing, and says so', async () => {
    const { port } = camera;
    await camera.close();
    await anew(port);
    const refused = await until('it is refused', async () => {
      const now = await stream();
      return now.state === 'refused' && now;
    });
    assert.equal(refused.last_error?.code, 'certificate');
    assert.equal(camera.requests.length, 0);
    const { offered } = await certificate();
    assert.ok(refused.last_error?.message.includes(offered ?? 'none'));
    assert.notEqual(offered, trusted);
  });

  it('is live again as soon as somebody trusts what it shows, and nothing else', async () => {
    const put = (sha256: string) => daemon.api('PUT', '/api/streams/door/certificate', { trusted: sha256 });
    await assert.rejects(put('0'.repeat(64)), /409.*not_shown/);
    await assert.rejects(put('none'), /400/);
    const { offered } = await certificate();
    await put(offered ?? '');
    await live();
    assert.deepEqual(await certificate(), { trusted: offered, offered: null });
  });

  it('has no certificate where its address is rtsp://', async () => {
    await daemon.api('POST', '/api/streams', {
      name: 'yard',
      rtsp_url: 'rtsp://127.0.0.1:9/',
      keep_warm: false,
    });
    await assert.rejects(daemon.api('GET', '/api/streams/yard/certificate'), /404.*no_certificate/);
    await assert.rejects(daemon.api('GET', '/api/streams/attic/certificate'), /404.*stream_not_found/);
  });
});
