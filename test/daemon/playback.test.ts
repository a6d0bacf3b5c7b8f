/** Playing what the daemon recorded, judged by ffmpeg, by the numbers in the pictures, and byte by byte. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedDays, Recording, Timeline } from '../../daemon/schema.ts';
import { until } from '../e2e/until.ts';
import { RecordedDoor, SIZE } from './recordedDoor.ts';
import { probe, stampsIn } from './stampedVideo.ts';

describe('playback', { timeout: 300_000 }, () => {
  let door: RecordedDoor;
  /** Two recordings with a gap, closed. */
  let first: Recording;
  let second: Recording;

  const get = (path: string, headers = {}) => door.get(path, headers);
  const refused = (path: string, status: number, code: string) => door.refused(path, status, code);

  before(async () => {
    door = await RecordedDoor.start();
    first = await door.recorded(9);
    await sleep(2_000);
    second = await door.recorded(7);
  });
  after(() => door?.close());

  it('tells what is recorded when, and where the gap is', async () => {
    await door.daemon.api('POST', '/api/alarms', { camera: 'door', topic: 'motion', message: 'the cat' });
    const now = Date.now() / 1000;
    const range = `from=${first.from - 60}&to=${now + 60}`;
    const { cameras } = await door.daemon.api<Timeline>('GET', `/api/recordings/timeline?${range}`);
    assert.equal(cameras.length, 1);
    const [{ camera, spans, events }] = cameras as [Timeline['cameras'][number]];
    assert.equal(camera, 'door');
    assert.deepEqual(
      spans,
      [first, second].map(({ from, to }) => ({ from, to, protected: false, open: false })),
    );
    assert.deepEqual(
      events.map(({ topic, text }) => [topic, text]),
      [['motion', 'the cat']],
    );
    const some = await door.daemon.api<Timeline>(
      'GET',
      `/api/recordings/timeline?cameras=door&from=${second.from + 1}&to=${second.to}`,
    );
    assert.equal(some.cameras[0]?.spans.length, 1);
    assert.deepEqual(some.cameras[0]?.events, []);
  });

  it('tells the days that have something, in the box’s time zone', async () => {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Taipei']) {
      await door.daemon.api('PATCH', '/api/settings', { time_zone: zone });
      const day = new Intl.DateTimeFormat('sv', { timeZone: zone }).format(first.from * 1000);
      const { days } = await door.daemon.api<RecordedDays>(
        'GET',
        `/api/recordings/days?month=${day.slice(0, 7)}&camera=door`,
      );
      assert.ok(days.includes(Number(day.slice(8))), `${zone}: ${days}, not ${day}`);
      assert.ok(days.length <= 2);
    }
    assert.deepEqual(await door.daemon.api('GET', '/api/recordings/days?month=2020-02'), { days: [] });
  });

  it('refuses what makes no sense, and says why', async () => {
    const { from, to } = first;
    await refused(`/api/recordings/timeline?from=${to}&to=${from}`, 400, 'invalid_range');
    await refused(`/api/recordings/timeline?from=${from}&to=${from + 33 * 86_400}`, 400, 'range_too_long');
    await refused(`/api/recordings/timeline?cameras=..%2Fdoor&from=${from}&to=${to}`, 400, 'invalid_query');
    await refused(`/api/recordings/timeline?cameras=attic&from=${from}&to=${to}`, 404, 'camera_not_found');
    await refused(`/api/recordings/days?month=2026-13`, 400, 'invalid_query');
    await refused(`/api/recordings/cameras/attic/picture.jpg?at=${from}`, 404, 'camera_not_found');
    await refused(`/api/recordings/cameras/..%2Fdoor/picture.jpg?at=${from}`, 400, 'invalid_name');
    await refused(`/api/recordings/cameras/door/picture.jpg?at=${from}&width=63`, 400, 'invalid_query');
  });

  describe('gives single pictures', () => {
    const picture = async (query: string) => {
      const response = await get(`/api/recordings/cameras/door/picture.jpg?${query}`);
      assert.equal(response.status, 200, await response.clone().text());
      assert.equal(response.headers.get('cache-control'), 'private, max-age=86400');
      const file = join(door.folder, 'picture.jpg');
      await writeFile(file, Buffer.from(await response.arrayBuffer()));
      return { file, time: Number(response.headers.get('x-walleye-time')) };
    };
    it('the key picture before a time', async () => {
      const pictures = await door.pictures(first);
      const at = first.from + 5.1;
      const wanted = pictures.findLast(({ time, key }) => key && time <= at)!;
      const { file, time } = await picture(`at=${at}`);
      assert.ok(Math.abs(time - wanted.time) < 0.002, `${time}, not ${wanted.time}`);
      assert.deepEqual(await stampsIn(file, SIZE), [wanted.stamp]);
    });

    it('the very picture that was shown, at any time, also in a hurry', async () => {
      const pictures = await door.pictures(first);
      const middle = pictures.filter((_, i) => i % 17 === 5);
      for (const { time: at, stamp } of middle) {
        const { file, time } = await picture(`at=${at + 0.02}&exact=true`);
        assert.ok(Math.abs(time - at) < 0.002, `${time}, not ${at}`);
        assert.deepEqual(await stampsIn(file, SIZE), [stamp]);
      }
      const many = await Promise.all(
        middle.map(({ time }) => get(`/api/recordings/cameras/door/picture.jpg?at=${time}&width=160`)),
      );
      assert.deepEqual(new Set(many.map(({ status }) => status)), new Set([200]));
    });

    it('smaller ones, never larger ones', async () => {
      const at = first.from + 3;
      const sizes = [];
      for (const width of [160, 3840])
        sizes.push((await probe((await picture(`at=${at}&width=${width}`)).file)).streams[0]);
      assert.deepEqual(
        sizes.map((stream) => [stream?.width, stream?.height]),
        [
          [160, 90],
          [640, 360],
        ],
      );
    });

    it('none where nothing is recorded, and says where something is', async () => {
      const message = await refused(
        `/api/recordings/cameras/door/picture.jpg?at=${first.from - 60}`,
        404,
        'nothing_recorded',
      );
      assert.ok(message.includes(new Date(first.from * 1000).toISOString()), message);
      await refused(`/api/recordings/cameras/door/picture.jpg?at=${second.to + 60}`, 404, 'nothing_recorded');
    });
  });

  describe('gives a range of time as one file', () => {
    const path = (from: number, to: number) => `/api/recordings/cameras/door/media.mp4?from=${from}&to=${to}`;
    const both = () => path(first.from + 1, second.to + 60);

    it('that ffmpeg plays: every picture, the gap as a gap, times that run with the clock', async () => {
      const response = await fetch(`${door.daemon.url}${both()}`, { method: 'HEAD' });
      assert.equal(response.status, 200);
      const zero = Number(response.headers.get('x-walleye-from'));
      assert.equal((await response.arrayBuffer()).byteLength, 0);
      const url = `${door.daemon.url}${both()}`;
      const [numbers, { packets, format }] = await Promise.all([stampsIn(url, SIZE), probe(url)]);
      const wall = packets.map(({ pts_time }) => zero + Number(pts_time));
      const gap = wall.findIndex((time) => time >= second.from);
      assert.ok(Math.abs(wall[gap]! - second.from) < 0.1, `${wall[gap]! - second.from} s off`);
      assert.ok(first.to - wall[gap - 1]! < 0.2);
      door.follow(numbers.slice(0, gap));
      door.follow(numbers.slice(gap));
      assert.equal(numbers.length, packets.length);
      for (let i = 1; i < packets.length; i++)
        assert.ok(Number(packets[i]!.dts_time) > Number(packets[i - 1]!.dts_time), `packet ${i}`);
      const end = Number(response.headers.get('x-walleye-to'));
      assert.ok(Math.abs(end - second.to) < 0.1);
      assert.ok(Math.abs(Number(format.duration) - (end - zero)) < 0.15, `${format.duration} s`);
      assert.ok(zero <= first.from + 1 && zero > first.from - 2.1, 'the key picture before');
    });

    it('in which ffmpeg jumps', async () => {
      const url = `${door.daemon.url}${both()}`;
      const { packets } = await probe(url);
      const all = await stampsIn(url, SIZE);
      const times = packets.map(({ pts_time }) => Number(pts_time) - Number(packets[0]!.pts_time));
      for (const about of [1.5, 4.2, times.at(-20)!]) {
        const wanted = times.findIndex((time) => time >= about);
        // Just before a picture, and not on it, where rounding decides. ffmpeg counts from the first picture.
        const seconds = (times[wanted]! - 0.005).toFixed(6);
        const jumped = await stampsIn(url, SIZE, ['-ss', seconds], ['-frames:v', '3']);
        assert.deepEqual(jumped, all.slice(wanted, wanted + 3), `to ${seconds} s`);
      }
    });

    it('any bytes of it, as HTTP has them', async () => {
      const whole = Buffer.from(await (await get(both())).arrayBuffer());
      const part = async (range: string, more: Record<string, string> = {}) => {
        const response = await get(both(), { range, ...more });
        return { response, body: Buffer.from(await response.arrayBuffer()) };
      };
      for (let i = 0; i < 40; i++) {
        const from = Math.floor(Math.random() * whole.length);
        const last = from + Math.floor(Math.random() * Math.min(200_000, whole.length - from));
        const { response, body } = await part(`bytes=${from}-${last}`);
        assert.equal(response.status, 206);
        assert.equal(response.headers.get('content-range'), `bytes ${from}-${last}/${whole.length}`);
        assert.ok(body.equals(whole.subarray(from, last + 1)), `bytes ${from}-${last}`);
      }
      const tail = await part('bytes=-100');
      assert.ok(tail.body.equals(whole.subarray(-100)));
      const tag = tail.response.headers.get('etag')!;
      assert.equal((await part('bytes=5-9', { 'if-range': tag })).response.status, 206);
      assert.equal((await part('bytes=5-9', { 'if-range': '"another"' })).response.status, 200);
      const beyond = await part(`bytes=${whole.length}-`);
      assert.equal(beyond.response.status, 416);
      assert.equal(beyond.response.headers.get('content-range'), `bytes */${whole.length}`);
    });

    it('refuses what makes no sense, and says why', async () => {
      await refused(path(first.to, first.from), 400, 'invalid_range');
      await refused(path(first.from, first.from + 6 * 3600 + 1), 400, 'range_too_long');
      await refused(path(first.from, first.to).replace('door', 'attic'), 404, 'camera_not_found');
      await refused(path(second.to + 60, second.to + 90), 404, 'nothing_recorded');
      await refused(path(first.to + 0.6, second.from - 0.3), 404, 'nothing_recorded');
    });

    it('also up to what is written at this moment', async () => {
      await door.record('always');
      const open = await until('three seconds', async () => {
        const found = (await door.list()).at(-1);
        return found?.open && found.to - found.from > 3 && found;
      });
      const url = `${door.daemon.url}${path(open.from, open.from + 3600)}`;
      door.follow(await stampsIn(url, SIZE));
      await door.record('off');
    });

    it('and ends the connection where retention takes the recording away meanwhile', async () => {
      const { id } = (await door.list()).at(-1)!;
      const { from, to } = (await door.list()).at(-1)!;
      const url = path(from, to);
      const { length } = Buffer.from(await (await get(url)).arrayBuffer());
      await door.daemon.api('DELETE', `/api/recordings/${id}`);
      // Of a file that is known already: as a player that reads on.
      await assert.rejects(async () => {
        const response = await get(url, { range: `bytes=${length - 5_000}-` });
        assert.equal(response.status, 206);
        await response.arrayBuffer();
      });
      assert.equal((await get('/api/health')).status, 200);
      await refused(url, 404, 'nothing_recorded');
    });
  });
});
