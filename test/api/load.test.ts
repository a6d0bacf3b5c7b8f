import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Benchmark, Load } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';
import { camera } from './memoryCameras.ts';

const MEASURED: Benchmark = {
  state: 'done',
  progress: 1,
  time: 1_760_000_000,
  decoder: 'software',
  cores: 2,
  decode_megapixels: 200,
  encode_megapixels: 100,
  message: null,
};

describe('the load of a layout', () => {
  let api: ApiServer;
  let starts = 0;
  before(async () => {
    api = await startApi({
      benchmark: {
        state: MEASURED,
        speed: { decode_megapixels: 200, encode_megapixels: 100 },
        start: () => starts++ === 0,
      },
    });
    for (const id of ['gate', 'yard'])
      api.cameras.all.set(id, {
        ...camera(id),
        streams: (['main', 'sub'] as const).map((profile) => ({
          name: `${id}_${profile}`,
          profile,
          rtsp_url: 'rtsp://10.0.0.1/',
          state: 'idle',
          codec: 'h264',
          ...(profile === 'main'
            ? { width: 1920, height: 1080, fps: 25 }
            : { width: 640, height: 360, fps: 15 }),
        })),
      });
  });
  after(() => api.close());
  const half = (x: number, cameras: string[], stream?: string) => ({
    ...{ x, y: 0, width: 0.5, height: 1, cameras },
    ...(stream ? { stream } : {}),
  });
  const ask = (body: unknown) => call<Load>(api, 'POST', '/api/load', body);

  it('is told before the layout is saved, tile by tile', async () => {
    const { status, body } = await ask({
      layout: { tiles: [half(0, ['gate'], 'main'), half(0.5, ['yard'], 'sub')] },
      screen: { width: 1920, height: 1080 },
    });
    assert.equal(status, 200);
    assert.deepEqual(
      body.tiles.map(({ index, camera, stream, fps }) => [index, camera, stream, fps]),
      [
        [0, 'gate', 'gate_main', 25],
        [1, 'yard', 'yard_sub', 15],
      ],
    );
    const sum = body.tiles.reduce((sum, { percent }) => sum + (percent ?? 0), 0);
    assert.ok(Math.abs(sum - (body.percent ?? 0)) < 0.2, `${sum} ${body.percent}`);
    assert.equal(api.store.layouts().length, 0);
  });

  it('names the tiles that will run slower, and at what rate', async () => {
    const { body } = await ask({
      layout: { tiles: [half(0, ['gate'], 'main'), half(0.5, ['yard'], 'main')] },
    });
    assert.ok((body.percent ?? 0) > 100, JSON.stringify(body));
    for (const { limited_fps } of body.tiles) assert.ok(limited_fps && limited_fps >= 5 && limited_fps < 25);
  });

  it('takes cameras that are not there for none', async () => {
    const { status, body } = await ask({ layout: { tiles: [half(0, ['lost']), half(0.5, [])] } });
    assert.equal(status, 200);
    assert.deepEqual(
      body.tiles.map(({ camera }) => camera),
      [null, null],
    );
  });

  it('refuses what is no layout and no screen', async () => {
    for (const body of [
      undefined,
      {},
      { layout: {} },
      { layout: { tiles: [] }, screen: { width: 0, height: 1 } },
    ])
      assert.equal((await call(api, 'POST', '/api/load', body)).status, 400);
  });

  it('goes with a benchmark that is told, and started once at a time', async () => {
    assert.deepEqual((await call<Benchmark>(api, 'GET', '/api/system/benchmark')).body, MEASURED);
    assert.equal((await call(api, 'POST', '/api/system/benchmark')).status, 202);
    const again = await call(api, 'POST', '/api/system/benchmark');
    assert.deepEqual([again.status, again.body.error.code], [409, 'benchmark_running']);
  });

  it('has no percentage where nothing was measured', async () => {
    const bare = await startApi();
    try {
      const { body } = await call<Benchmark>(bare, 'GET', '/api/system/benchmark');
      assert.deepEqual([body.state, body.decode_megapixels], ['never', null]);
      const load = await call<Load>(bare, 'POST', '/api/load', { layout: { tiles: [half(0, [])] } });
      assert.equal(load.body.percent, null);
    } finally {
      await bare.close();
    }
  });
});
