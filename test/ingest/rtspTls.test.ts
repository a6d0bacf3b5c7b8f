/** RTSP over TLS: against a scripted camera, and GStreamer's server. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { CertificatePins } from '../../daemon/camera/certificatePins.ts';
import { RtspSession } from '../../daemon/ingest/rtspSession.ts';
import { gstServerMissing, startGstServer } from '../peers/gstRtspServer.ts';
import { SDP } from './scriptedServer.ts';
import { failure, play, serve } from './sessionTest.ts';
import { until } from './until.ts';

/** A camera's, signed by itself. @param bits 1024: as cameras of 2012 have them */
async function certificate(bits = 2048) {
  const {
    private: key,
    cert,
    fingerprint,
  } = await generate([{ name: 'commonName', value: 'IPC' }], {
    keySize: bits,
    algorithm: bits < 2048 ? 'sha1' : 'sha256',
  });
  return { key, cert, fingerprint };
}

function memory() {
  const kept = new Map<string, unknown>();
  return {
    get: <T>(key: string) => kept.get(key) as T | undefined,
    put: (key: string, value: unknown) => void kept.set(key, value),
  };
}

describe('RtspSession over TLS', { timeout: 60_000 }, () => {
  test('plays; requests name rtsps, and the end is told', async (t) => {
    const server = await serve(t, {}, await certificate());
    const played = play(t, { url: server.url, username: 'u', password: 'p' });
    await until(() => played.units.length > 20);
    assert.match(server.of('DESCRIBE')[0]?.url ?? '', /^rtsps:\/\/127\.0\.0\.1:\d+\/main$/);
    played.abort();
    assert.equal(await played.result, 'aborted');
    assert.equal(server.of('TEARDOWN').length, 1);
  });

  test('an old camera: TLS 1.0, a key of 1024 bits, SHA-1', async (t) => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = await serve(t, {}, { ...(await certificate(1024)), ...old });
    const played = play(t, { url: server.url });
    await until(() => played.units.length > 3);
  });

  test('the first certificate is trusted; another one is refused, and told nothing, until somebody trusts it', async (t) => {
    const store = memory();
    const pins = new CertificatePins(store);
    const first = await serve(t, {}, await certificate());
    const played = play(t, { url: first.url, judge: pins.judge });
    await until(() => played.units.length > 3);
    const trusted = pins.of(first.url)?.trusted ?? '';
    assert.match(trusted, /^[0-9a-f]{64}$/);
    assert.equal(pins.of(first.url)?.offered, null);

    // At the same place from now on.
    const second = await serve(t, {}, await certificate());
    const judge = (_place: string, shown: string) => pins.judge(`127.0.0.1:${first.port}`, shown);
    const error = await failure(
      play(t, { url: second.url, username: 'u', password: 'secret', judge }).result,
    );
    assert.equal(error.code, 'certificate');
    const offered = pins.of(first.url)?.offered ?? '';
    assert.ok(error.message.includes(offered) && error.message.includes(trusted));
    assert.equal(second.requests.length, 0);
    assert.equal(pins.trust(first.url, trusted), false, 'it shows another one');
    assert.equal(pins.trust(first.url, offered), true);
    const again = play(t, { url: second.url, judge });
    await until(() => again.units.length > 3);
    assert.deepEqual(pins.of(first.url), { trusted: offered, offered: null });
  });

  test('a box that cannot write down what it trusts ends the session, and nothing else', async (t) => {
    const server = await serve(t, {}, await certificate());
    const judge = () => {
      throw new Error('database or disk is full');
    };
    const controller = new AbortController();
    const options = { url: server.url, transport: 'tcp', judge, log: pino({ level: 'silent' }) } as const;
    const sink = { accessUnit: () => {}, playing: () => {} };
    await assert.rejects(new RtspSession(options, sink).run(controller.signal), /disk is full/);
    assert.equal(server.requests.length, 0);
  });

  test('what shows no certificate, or speaks no TLS, is not reached', async (t) => {
    const plain = await serve(t);
    const error = await failure(
      play(t, { url: plain.url.replace('rtsp:', 'rtsps:'), connectTimeout: 2_000 }).result,
    );
    assert.equal(error.code, 'unreachable');
  });

  test('an Axis that encrypts the pictures once more says so (SRTP, case 58)', async (t) => {
    const body = SDP.replace('RTP/AVP', 'RTP/SAVP');
    const type = { 'Content-Type': 'application/sdp' };
    const server = await serve(t, { DESCRIBE: () => ({ headers: type, body }) }, await certificate());
    const error = await failure(play(t, { url: server.url }).result);
    assert.equal(error.code, 'unsupported');
    assert.match(error.message, /SRTP/);
  });

  test('pictures do not come in the clear beside it', async (t) => {
    const server = await serve(t, {}, await certificate());
    const played = play(t, { url: server.url, transport: 'udp' });
    await until(() => played.units.length > 3);
    assert.deepEqual(
      played.playing.map(({ transport }) => transport),
      ['tcp'],
    );
  });

  test('a redirection leads to TLS, and never away from it (case 55)', async (t) => {
    const secure = await serve(t, {}, await certificate());
    const plain = await serve(t, { DESCRIBE: () => ({ status: 302, headers: { Location: secure.url } }) });
    const played = play(t, { url: plain.url });
    await until(() => played.units.length > 3);
    const back = await serve(
      t,
      { DESCRIBE: () => ({ status: 302, headers: { Location: plain.url } }) },
      await certificate(),
    );
    assert.equal((await failure(play(t, { url: back.url }).result)).code, 'unsupported');
  });
});

describe('RtspSession against gst-rtsp-server over TLS', {
  timeout: 60_000,
  skip: (await gstServerMissing()) ?? false,
}, () => {
  test('plays with Digest', async (t) => {
    const server = await startGstServer({ tls: await certificate() });
    t.after(() => server.close());
    const { username, password } = server;
    const played = play(t, { url: server.url('live'), username, password });
    await until(() => played.units.length >= 31);
    assert.equal(played.playing[0]?.transport, 'tcp');
    played.abort();
    await until(() => server.sessions === 0);
  });
});
