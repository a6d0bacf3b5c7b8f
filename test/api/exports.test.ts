/** Films of recordings: what ffmpeg plays of them, picture by picture, and whether what is said of them is true. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Export, ExportAsk, ExportList } from '../../daemon/schema.ts';
import { boxTree } from '../mp4/boxTree.ts';
import { noFfprobe } from '../mp4/clips.ts';
import { until } from './apiServer.ts';
import {
  type Film,
  FPS,
  GAP,
  type RecordedServer,
  SECONDS,
  START,
  shownIn,
  startRecordedServer,
} from './recordedServer.ts';

interface Provenance {
  box: string;
  camera: { id: string; name: string };
  codec: string;
  width: number;
  gaps: { from: number; to: number }[];
  actual: { from: number; to: number };
  segments: { path: string; bytes: number; sha256: string }[];
  media: { sha256: string; bytes: number };
  exported_by: string;
}

const path = '/api/recordings/exports';
const sha256sum = (file: string) => execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64);

describe('an export', { skip: noFfprobe, timeout: 300_000 }, () => {
  let server: RecordedServer;
  before(async () => {
    server = await startRecordedServer();
  });
  after(() => server?.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, { headers });
  const post = (ask: object, headers = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(ask),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const refused = async (response: Response, status: number, code: string) => {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.deepEqual([response.status, error.code], [status, code], error.message);
  };
  /** @param from seconds after the first picture of all */
  const asked = async (camera: string, from: number, to: number, cut: ExportAsk['cut']): Promise<Export> => {
    const response = await post({ camera, from: START / 1000 + from, to: START / 1000 + to, cut });
    assert.equal(response.status, 201, await response.clone().text());
    return (await response.json()) as Export;
  };
  const list = async () => ((await (await get(path)).json()) as ExportList).exports;
  const finished = async (id: string): Promise<Export> => {
    await until(
      async () => ['done', 'failed'].includes((await list()).find((one) => one.id === id)!.state),
      'the film',
      60_000,
    );
    return (await list()).find((one) => one.id === id)!;
  };
  const made = async (camera: string, from: number, to: number, cut: ExportAsk['cut']): Promise<Export> => {
    const film = await finished((await asked(camera, from, to, cut)).id);
    assert.equal(film.state, 'done', JSON.stringify(film.error));
    return film;
  };
  const saved = async ({ id }: Export): Promise<string> => {
    const file = join(server.folder, `${id}.mp4`);
    writeFileSync(file, Buffer.from(await (await get(`${path}/${id}/media.mp4`)).arrayBuffer()));
    return file;
  };
  /** Where a picture is in the camera's film, which is recorded from second 0 on, with a gap in its middle. */
  const numbers = ({ hashes }: Film, shown: { hash: string }[]) =>
    shown.map(({ hash }) => hashes.indexOf(hash));
  const upward = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  for (const i of [0, 1]) {
    const name = ['a camera with sound', 'a camera whose pictures are decoded in another order'][i];
    describe(`of ${name}`, () => {
      it('is one MP4 with its index in front: every picture from the key picture on, the gap a gap', async () => {
        const recorded = server.films[i]!;
        const film = await made(recorded.camera, 1.5, 60, 'key');
        const file = await saved(film);
        assert.deepEqual(
          boxTree(shortLength(readFileSync(file))).map(({ type }) => type),
          ['ftyp', 'moov', 'mdat'],
        );
        const shown = await shownIn(file);
        const all = 2 * SECONDS * FPS;
        assert.deepEqual(numbers(recorded, shown), upward(FPS, all));
        for (const [k, { time }] of shown.entries()) {
          const number = FPS + k;
          const wall = number / FPS + (number >= all / 2 ? GAP : 0) - 1;
          assert.ok(Math.abs(time - shown[0]!.time - wall) < 0.06, `picture ${number}: ${time}, not ${wall}`);
        }
        assert.ok(Math.abs(shown[0]!.time) < 0.01, `it begins at ${shown[0]!.time} s`);
        assert.ok(Math.abs(film.actual_from! - START / 1000 - 1) < 0.13, `${film.actual_from}`);
        const length = 2 * SECONDS + GAP - 1;
        assert.ok(Math.abs(film.actual_to! - film.actual_from! - length) < 0.1);
      });

      it('with an exact cut shows what was shown from the one moment to the other', async () => {
        const recorded = server.films[i]!;
        // When its pictures were shown, by the daemon's own word.
        const whole = await made(recorded.camera, 0, 60, 'key');
        const zero = whole.actual_from! - START / 1000;
        for (const [first, last] of [
          [1.3 * FPS, 4.1 * FPS],
          [2.02 * FPS, 2.1 * FPS],
          [0.5 * FPS, 7.5 * FPS],
        ].map((pair) => pair.map(Math.round)) as [number, number][]) {
          const timeOf = (number: number) => zero + number / FPS + (number >= SECONDS * FPS ? GAP : 0);
          const film = await made(recorded.camera, timeOf(first) + 0.02, timeOf(last) + 0.02, 'exact');
          const shown = await shownIn(await saved(film));
          assert.deepEqual(numbers(recorded, shown), upward(first, last + 1));
          assert.ok(Math.abs(shown[0]!.time) < 0.002, `it begins at ${shown[0]!.time} s`);
          assert.ok(Math.abs(film.actual_from! - START / 1000 - timeOf(first)) < 0.005);
          assert.ok(Math.abs(film.actual_to! - film.to) < 0.005);
        }
      });
    });
  }

  it('has the sound beside the pictures, also behind the gap and an exact cut', async () => {
    for (const [from, to, cut] of [
      [1.5, 60, 'key'],
      [1.7, 11.3, 'exact'],
    ] as const) {
      const film = await made('door', from, to, cut);
      const file = await saved(film);
      const length = film.actual_to! - film.actual_from!;
      const args = [
        '-v',
        'error',
        '-show_entries',
        'stream=codec_type,duration,start_time',
        '-of',
        'json',
        file,
      ];
      const { streams } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })) as {
        streams: { codec_type: string; duration: string; start_time: string }[];
      };
      assert.deepEqual(streams.map(({ codec_type }) => codec_type).sort(), ['audio', 'video']);
      for (const { codec_type, start_time, duration } of streams) {
        assert.ok(Math.abs(Number(start_time)) < 0.05, `${codec_type} begins at ${start_time}`);
        assert.ok(Math.abs(Number(duration) - length) < 0.15, `${codec_type}: ${duration}, not ${length}`);
      }
      // Where the sound is silent: in the gap.
      const level = [
        '-v',
        'info',
        '-i',
        file,
        '-map',
        '0:a',
        '-af',
        'aresample=async=1,silencedetect=d=1',
        '-f',
        'null',
        '-',
      ];
      const said = execFileSync('sh', ['-c', 'exec ffmpeg "$@" 2>&1', 'sh', ...level], { encoding: 'utf8' });
      const begin = Number(/silence_start: ([\d.]+)/.exec(said)?.[1]);
      const wanted = START / 1000 + SECONDS - film.actual_from!;
      assert.ok(Math.abs(begin - wanted) < 0.2, `silence at ${begin}, not ${wanted}`);
    }
  });

  it('is saved under the camera’s name and its local time', async () => {
    server.store.settings.put('settings', { ...server.store.settings.settings(), time_zone: 'Asia/Taipei' });
    const film = await made('door', 2.5, 5, 'exact');
    const response = await get(`${path}/${film.id}/media.mp4`, { range: 'bytes=4-7' });
    assert.equal(response.status, 206);
    assert.equal(await response.text(), 'ftyp');
    const name = /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    assert.ok(name === 'door_2026-10-22_22-32-02.mp4', name);
  });

  it('says where it comes from, and every checksum is right', async () => {
    const film = await made('door', 1, 60, 'key');
    const file = await saved(film);
    assert.equal(film.sha256, sha256sum(file));
    assert.equal(film.bytes, readFileSync(file).length);
    const said = (await (await get(`${path}/${film.id}/provenance.json`)).json()) as Provenance;
    assert.deepEqual([said.media.sha256, said.media.bytes], [film.sha256, film.bytes]);
    assert.deepEqual(
      [said.box, said.camera, said.codec, said.width, said.exported_by],
      ['Box 7', { id: 'door', name: 'The door' }, 'h264', 320, 'open'],
    );
    assert.deepEqual(said.actual, { from: film.actual_from, to: film.actual_to });
    const recorded = server.segments('door');
    assert.deepEqual(
      said.segments.map(({ path }) => path),
      recorded.map(({ path }) => path),
    );
    for (const { path, sha256 } of said.segments)
      assert.equal(sha256, sha256sum(join(server.library.folder, path)), path);
    const [{ from, to }] = said.gaps as [Provenance['gaps'][number]];
    assert.equal(said.gaps.length, 1);
    assert.ok(Math.abs(from - START / 1000 - SECONDS) < 0.13 && Math.abs(to - from - GAP) < 0.13);
    const audit = server.store.accounts.audit(100);
    assert.ok(audit.some(({ action, target }) => action === 'recording.export' && target === 'door'));
  });

  it('is refused where it makes no sense, and to those who may only look', async () => {
    const from = START / 1000;
    const good = { camera: 'door', from, to: from + 3, cut: 'key' };
    for (const [wrong, status, code] of [
      [{ from: from + 9 }, 400, 'invalid_range'],
      [{ to: from + 6 * 3600 + 1 }, 400, 'range_too_long'],
      [{ camera: 'attic' }, 404, 'camera_not_found'],
      [{ camera: '../door' }, 400, 'invalid_name'],
      [{ cut: 'rough' }, 400, 'invalid_body'],
      [{ from: from - 90, to: from - 60 }, 404, 'nothing_recorded'],
    ] as const)
      await refused(await post({ ...good, ...wrong }), status, code);
    for (const id of ['..%2F..', '%2e', '20261122T000000Z-00000000', 'x'])
      for (const file of ['', '/media.mp4', '/provenance.json']) {
        const { status } = await get(`${path}/${id}${file}`);
        assert.ok(status === 400 || status === 404, `${id}${file}: ${status}`);
      }
    const answer = await fetch(`${server.url}/api/tokens`, {
      method: 'POST',
      body: JSON.stringify({ name: 'looker', scope: 'viewer' }),
      headers: { 'content-type': 'application/json' },
    });
    const { token } = (await answer.json()) as { token: string };
    const authorization = `Bearer ${token}`;
    await refused(await post(good, { authorization }), 403, 'admins_only');
    const media = `/api/recordings/cameras/door/media.mp4?from=${from}&to=${from + 3}`;
    assert.equal((await get(media, { authorization, range: 'bytes=0-9' })).status, 206, 'but may play');
  });

  it('counts as what recordings may take, and fails where there is no room', async () => {
    const { library } = server;
    const before = library.otherBytes;
    const { bytes } = await made('door', 0, 60, 'key');
    assert.ok(library.otherBytes - before > bytes! && library.otherBytes - before < bytes! + 10_000);
    for (const { id } of server.segments('door')) library.index.protect(id, true);
    for (const { id } of server.segments('yard')) library.index.protect(id, true);
    library.rules = { ...library.rules, mostBytes: library.index.bytes + library.otherBytes + 1_000 };
    const failed = await finished((await asked('door', 0, 60, 'key')).id);
    assert.deepEqual([failed.state, failed.error?.code], ['failed', 'edquot']);
    await refused(await get(`${path}/${failed.id}/media.mp4`), 409, 'export_not_done');
    library.rules = { ...library.rules, mostBytes: undefined };
  });

  it('keeps what it is made of from being tidied away meanwhile', async () => {
    const { library } = server;
    const [first] = server.segments('yard');
    library.index.protect(first!.id, false);
    const release = library.hold([first!.id]);
    library.rules = { ...library.rules, days: () => 0 };
    await library.tidy();
    assert.ok(library.index.get(first!.id), 'held');
    release();
    await library.tidy();
    assert.equal(library.index.get(first!.id), undefined, 'and no longer');
    library.rules = { ...library.rules, days: () => undefined };
  });

  it('that the end of the daemon interrupted has failed; the others are still there', async () => {
    const before = await list();
    const [broken, kept] = before.filter(({ state }) => state === 'done').map(({ id }) => id);
    const file = join(server.library.folder, 'exports', broken!, 'export.json');
    writeFileSync(
      file,
      JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), state: 'running' }),
    );
    await server.restart();
    const found = await list();
    assert.deepEqual(
      found.map(({ id }) => id),
      before.map(({ id }) => id),
    );
    const { state, error } = found.find(({ id }) => id === broken)!;
    assert.deepEqual([state, error?.code], ['failed', 'interrupted']);
    const one = found.find(({ id }) => id === kept)!;
    assert.equal(sha256sum(await saved(one)), one.sha256);
  });

  it('is one of twenty at the most, and is deleted by hand', async () => {
    const oldest = (await list()).at(-1)!.id;
    for (let i = (await list()).length; i <= 20; i++) await made('door', 1, 2, 'key');
    const found = await list();
    assert.equal(found.length, 20);
    assert.ok(found.every(({ id }) => id !== oldest));
    const remove = (id: string) => fetch(`${server.url}${path}/${id}`, { method: 'DELETE' });
    for (const { id } of found) assert.equal((await remove(id)).status, 204);
    assert.deepEqual(await list(), []);
    assert.equal(server.library.otherBytes, 0);
    await refused(await remove(oldest), 404, 'export_not_found');
  });
});

/** The media's length of 64 bits as one of 32, which the tests' reader of boxes takes. */
function shortLength(file: Buffer): Buffer {
  const at = file.indexOf('mdat', 0, 'latin1') - 4;
  assert.equal(file.readUInt32BE(at), 1);
  assert.equal(Number(file.readBigUInt64BE(at + 8)), file.length - at);
  const copy = Buffer.from(file);
  copy.writeUInt32BE(file.length - at, at);
  return copy;
}
