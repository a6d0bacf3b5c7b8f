import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { type ApiServer, call, startApi } from './apiServer.ts';

describe('GET /metrics', () => {
  let api: ApiServer;
  before(async () => {
    api = await startApi({
      stateDir: tmpdir(),
      screen: () => ({ heartbeat: 1_760_000_000.5, tiles: 9, painting: 8 }),
    });
    for (const [name, state, frames] of [
      ['gate', 'live', 42],
      ['yard', 'gone', 7],
    ] as const) {
      const added = await api.cameras.addStream({ name, rtsp_url: 'rtsp://u:hunter2@10.0.0.1/' });
      Object.assign(added, { state, frames_received: frames, connects: 3, packets_lost: 5 });
    }
    api.cameras.byName.get('gate')?.renditions.push({
      width: 640,
      height: 360,
      fps: null,
      quality: 75,
      viewers: 2,
      frames: 100,
      drops: 4,
      decoder: 'software',
      restarts: 1,
      pid: 1,
    });
  });
  after(() => api.close());
  const scrape = async () => {
    const { status, headers, body } = await call<string>(api, 'GET', '/metrics');
    assert.equal(status, 200);
    return { type: headers.get('content-type'), text: body, values: parse(body) };
  };

  it('is Prometheus text, every sample with its help and type', async () => {
    const { type, text, values } = await scrape();
    assert.match(type ?? '', /^text\/plain; version=0\.0\.4/);
    assert.ok(values.size > 30);
    for (const sample of values.keys()) {
      const name = sample.split('{')[0];
      assert.ok(text.includes(`# HELP ${name} `) && text.includes(`# TYPE ${name} `), sample);
    }
  });

  it('tells of streams, renditions, the disk, the screen and the process', async () => {
    const { values } = await scrape();
    const expected: Record<string, number> = {
      'walleye_info{version="0.0.0-test"}': 1,
      'walleye_streams{state="live"}': 1,
      'walleye_streams{state="gone"}': 1,
      'walleye_streams{state="idle"}': 0,
      'walleye_stream_live{stream="gate"}': 1,
      'walleye_stream_frames_total{stream="gate"}': 42,
      'walleye_stream_frames_total{stream="yard"}': 7,
      'walleye_stream_video_viewers{stream="gate"}': 0,
      'walleye_live_sockets{level="0"}': 0,
      walleye_live_tiles: 0,
      walleye_live_pictures_dropped_total: 0,
      'walleye_stream_packets_lost_total{stream="yard"}': 5,
      'walleye_stream_connects_total{stream="yard"}': 3,
      'walleye_stream_renditions{stream="gate"}': 1,
      'walleye_rendition_pictures_dropped{stream="gate"}': 4,
      'walleye_decoder_info{hwaccel="software"}': 1,
      walleye_decoder_fallbacks: 0,
      walleye_viewers: 0,
      walleye_pages: 0,
      walleye_alarms_active: 0,
      walleye_screen_tiles_painting: 8,
      walleye_screen_heartbeat_seconds: 1_760_000_000.5,
    };
    for (const [sample, value] of Object.entries(expected)) assert.equal(values.get(sample), value, sample);
    for (const sample of [
      'walleye_disk_free_bytes',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
    ])
      assert.ok((values.get(sample) ?? 0) > 0, sample);
  });

  it('counts answers by the class of their status, refused ones too', async () => {
    const before = (await scrape()).values;
    await call(api, 'GET', '/api/streams');
    await call(api, 'GET', '/api/nothing');
    await call(api, 'PUT', '/api/layouts/x', '{');
    await fetch(`${api.url}/api/streams`, { headers: { origin: 'http://evil.example' }, method: 'POST' });
    const { values } = await scrape();
    const grown = (code: string) => {
      const sample = `walleye_http_requests_total{code="${code}"}`;
      return (values.get(sample) ?? 0) - (before.get(sample) ?? 0);
    };
    assert.equal(grown('2xx'), 2, 'the list, and the first scrape');
    assert.equal(grown('4xx'), 3);
    assert.equal(grown('5xx'), 0);
  });

  it('shows no secret', async () => {
    assert.ok(!(await scrape()).text.includes('hunter2'));
  });

  it('forgets streams that were removed, and bounds how many have series of their own', async () => {
    await api.cameras.removeStream('yard');
    assert.ok(!(await scrape()).text.includes('yard'));
    for (let n = 0; n < 400; n++) {
      const added = await api.cameras.addStream({ name: `many_${n}`, rtsp_url: 'rtsp://10.0.0.1/' });
      Object.assign(added, { frames_received: 1 });
    }
    const { values } = await scrape();
    const series = [...values].filter(([sample]) => sample.startsWith('walleye_stream_frames_total'));
    assert.equal(series.length, 257);
    assert.equal(values.get('walleye_stream_frames_total{stream="(others)"}'), 145);
    assert.equal(
      series.reduce((sum, [, value]) => sum + value, 0),
      442,
      'none is left out of the sum',
    );
  });
});

function parse(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}
