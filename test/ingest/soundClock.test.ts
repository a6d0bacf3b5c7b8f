import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GaplessTime } from '../../daemon/ingest/gaplessTime.ts';
import { LeastDelay } from '../../daemon/ingest/leastDelay.ts';
import { SoundClock } from '../../daemon/ingest/soundClock.ts';
import { Timeline } from '../../daemon/ingest/timeline.ts';
import type { SenderReport } from '../../daemon/rtsp/rtcp.ts';

/** A time of day of the camera, seconds since 1900. */
const NOON = 3_900_000_000;

/** What a sender report says: the RTP timestamp of a time of day, in milliseconds after noon. */
function report(timestamp: number, ms: number): SenderReport {
  const seconds = NOON + ms / 1000;
  return {
    type: 'senderReport',
    ssrc: 1,
    ntpSeconds: Math.floor(seconds),
    ntpFraction: Math.round((seconds % 1) * 2 ** 32) >>> 0,
    rtpTimestamp: timestamp >>> 0,
    packetCount: 0,
    octetCount: 0,
    reports: [],
  };
}

/** A camera with a video clock of 90 kHz and a sound clock of 8 kHz, which begin at 1000 and 5000 at its noon. */
function camera() {
  const timeline = new Timeline(90_000);
  const clock = new SoundClock(clockOf(timeline), 8000);
  const stamps = { video: (ms: number) => 1000 + ms * 90, sound: (ms: number) => 5000 + ms * 8 };
  return {
    clock,
    stamps,
    /** A picture that was taken at `ms` and arrives `delay` later; its media time. */
    picture(ms: number, delay = 0): number {
      const mediaTime = timeline.at(stamps.video(ms) >>> 0, ms + delay);
      clock.picture({ mediaTime, receivedAt: ms + delay });
      return mediaTime;
    },
    /** Sound that was taken at `ms` and arrives `delay` later; its media time. */
    sound: (ms: number, delay = 0) => clock.at(stamps.sound(ms) >>> 0, ms + delay),
    videoReport: (ms: number, day = ms) => clock.videoReport(report(stamps.video(ms), day)),
    soundReport: (ms: number, day = ms) => clock.soundReport(report(stamps.sound(ms), day)),
  };
}

function clockOf(timeline: Timeline) {
  return {
    timeOf: (timestamp: number) => timeline.timeOf(timestamp),
    get discontinuities() {
      return timeline.discontinuities;
    },
  };
}

const near = (found: number | undefined, expected: number, within = 0.01) =>
  assert.ok(found !== undefined && Math.abs(found - expected) <= within, `${found} is not ${expected}`);

describe('SoundClock', () => {
  test('before the first picture there is no time', () => {
    const { sound } = camera();
    assert.equal(sound(0), undefined);
    assert.equal(sound(20), undefined);
  });

  test('by arrival, the first sound has the media time of a picture that arrives together with it', () => {
    const { picture, sound } = camera();
    picture(500, 30);
    near(sound(490, 60), 20); // arrives 20 ms after the picture of media time 0
    near(sound(510, 60), 40);
  });

  test('sound from before the first picture has a time before 0', () => {
    const { picture, sound } = camera();
    sound(400, 10);
    picture(500, 10);
    near(sound(420, 10), -80);
  });

  test('the sender reports of both tracks put it right, whatever arrival says', () => {
    const { picture, sound, videoReport, soundReport } = camera();
    picture(0, 20);
    near(sound(0, 320), 300); // the network’s doing, but who could know
    videoReport(0);
    near(sound(20, 320), 320);
    soundReport(20);
    near(sound(40, 320), 40);
    near(sound(60, 320), 60);
  });

  test('a sender report that came before the first packet of its track counts', () => {
    const { picture, sound, videoReport, soundReport } = camera();
    soundReport(100);
    videoReport(100);
    sound(80, 10);
    picture(100, 200);
    near(sound(120, 10), 20);
  });

  test('a report is of its timestamp, which may be seconds from the packets', () => {
    const { picture, sound, videoReport, soundReport } = camera();
    picture(5000);
    sound(5000, 100);
    videoReport(1000);
    soundReport(9000);
    near(sound(5020, 100), 20);
  });

  const BOGUS: [name: string, video: number, sound: number][] = [
    ['without a clock (NTP 0)', -NOON * 1000, -NOON * 1000],
    ['of two clocks, an hour apart', 0, 3_600_000],
    ['before and after the camera’s clock was set (Dahua, moonfire-nvr#36)', 0, -2500],
  ];
  for (const [name, videoDay, soundDay] of BOGUS)
    test(`reports are not believed: ${name}`, () => {
      const { picture, sound, videoReport, soundReport } = camera();
      picture(0);
      sound(0);
      videoReport(0, videoDay);
      soundReport(0, soundDay);
      near(sound(20), 20);
      videoReport(40, 3_600_040);
      soundReport(50, 3_600_150); // 100 ms off arrival: the next pair is believed
      near(sound(60), 160);
    });

  test('one report of a pair serves once: the clock may be set before the next', () => {
    const { picture, sound, videoReport, soundReport } = camera();
    picture(0);
    sound(0);
    videoReport(0);
    soundReport(0);
    near(sound(20), 20);
    soundReport(40, 540); // set by 500 ms; the video’s report is yet to come
    near(sound(60), 60);
    videoReport(40, 540);
    near(sound(80), 80);
  });

  test('after reports, arrival counts only where the two are seconds apart', () => {
    const { picture, sound, videoReport, soundReport } = camera();
    picture(0);
    sound(0, 500);
    videoReport(0);
    soundReport(0);
    near(sound(20, 500), 20);
    // Both clocks are lost in the encoder: from here on sound is 3 s late, and no report says so.
    for (let ms = 40; ms < 30_000; ms += 20) {
      picture(ms);
      sound(ms, 3500);
    }
    near(sound(30_000, 3500), 33_500);
  });

  test('a burst from before PLAY: wrong at first, right when it is over', () => {
    const { picture, sound } = camera();
    // A second of pictures arrives at once, when the sound of now arrives.
    for (let ms = 0; ms < 1000; ms += 40) picture(ms, 1000 - ms);
    near(sound(1000, 5), 1000, 50);
    const early = camera();
    early.picture(0, 1000);
    near(early.sound(1000, 5), 5);
    for (let ms = 40; ms <= 1000; ms += 40) early.picture(ms, 1000 - ms);
    near(early.sound(1020, 5), 1020, 50);
  });

  test('without reports, clocks that drift apart are followed for hours within 130 ms (go2rtc#2303)', () => {
    const { clock, picture } = camera();
    for (let ms = 0; ms < 4 * 3_600_000; ms += 40) {
      picture(ms, (ms / 40) % 7);
      // The sound’s clock is 0.2 ‰ slow: 2.9 s in four hours.
      const time = clock.at(Math.round(5000 + ms * 8 * 0.9998) >>> 0, ms + ((ms / 40) % 5));
      assert.ok(Math.abs((time ?? 0) - ms) < 130, `${time} at ${ms}`);
    }
  });

  for (const pace of [0.5, 0.7, 1.5, 2, 12])
    test(`a clock that runs ${pace} times as fast as the rtpmap says is found out within 40 s, and arrival counts`, () => {
      const { clock, picture, videoReport } = camera();
      for (let ms = 0; ms < 120_000; ms += 20) {
        picture(ms, 10);
        if (ms % 5000 === 0) {
          videoReport(ms);
          clock.soundReport(report(Math.round(5000 + ms * 8 * pace), ms));
        }
        const time = clock.at(Math.round(5000 + ms * 8 * pace) >>> 0, ms + 10 + ((ms / 20) % 5));
        if (ms > 40_000) near(time, ms, 10);
      }
    });

  test('a new source of the sound goes on where it was, and its earlier report is forgotten', () => {
    const { clock, picture, sound, videoReport, soundReport } = camera();
    picture(0);
    sound(0);
    soundReport(0, 300);
    clock.restart();
    near(clock.at(777_777, 100), 100);
    videoReport(0);
    near(clock.at(777_937, 120), 120);
  });

  test('a video clock that jumps takes its report with it', () => {
    const { clock, picture, stamps, sound, soundReport } = camera();
    picture(0);
    sound(0);
    clock.videoReport(report(stamps.video(100_000), 0));
    picture(100_000, -99_960); // by arrival: 40 ms later
    soundReport(0);
    near(sound(60), 60);
  });

  test('after PAUSE it begins anew: whether the camera counted the pause or not', () => {
    for (const counted of [0, 5000]) {
      const { clock, picture } = camera();
      picture(0);
      near(clock.at(5000, 0), 0);
      clock.rest();
      // The video’s clock stood still meanwhile.
      assert.equal(clock.at(5000 + 8 * (20 + counted), 5020), undefined);
      picture(40, 5000);
      near(clock.at(5000 + 8 * (60 + counted), 5060), 60);
    }
  });
});

describe('LeastDelay', () => {
  test('absurd is a delay that goes on rising or falling, not one that rises and stays, or an hour of silence', () => {
    const rising = (perSecond: (second: number) => number) => {
      const delay = new LeastDelay();
      let sum = 0;
      for (let second = 0; second < 100; second++) {
        sum += perSecond(second);
        delay.push(second * 1000 - sum, second * 1000);
      }
      return delay;
    };
    const found = [() => 300, () => -1000, () => 0.2, (s: number) => (s === 30 ? 9000 : 0)];
    assert.deepEqual(
      found.map((perSecond) => rising(perSecond).absurd),
      [true, true, false, false],
    );
    const late = rising(() => 0);
    for (const hour of [1, 2, 3, 4]) late.push(0, hour * 3_600_000);
    assert.equal(late.absurd, false);
  });

  test('the least of the last ten to twenty seconds', () => {
    const delay = new LeastDelay();
    assert.equal(delay.value, undefined);
    const at = (arrival: number, by: number) => {
      delay.push(arrival - by, arrival);
      return delay.value;
    };
    assert.deepEqual([at(0, 50), at(1000, 20), at(9000, 80), at(11_000, 70)], [50, 20, 20, 20]);
    assert.deepEqual([at(20_000, 60), at(22_000, 90)], [20, 60]);
    assert.equal(at(90_000, 300), 300);
  });
});

describe('GaplessTime', () => {
  const times = (...steps: [time: number, duration: number, missing?: boolean][]) => {
    const gapless = new GaplessTime();
    return steps.map(([time, duration, missing = false]) => gapless.place(time, duration, missing));
  };

  test('frames that jitter by up to 40 ms follow one another', () => {
    assert.deepEqual(times([7, 20], [30, 20], [12, 20], [107, 20]), [7, 27, 47, 67]);
  });

  test('a gap of more is one, and any where packets were lost', () => {
    assert.deepEqual(times([0, 20], [61, 20], [81, 20]), [0, 61, 81]);
    assert.deepEqual(times([0, 20], [40, 20, true], [60, 20]), [0, 40, 60]);
  });

  test('put back by more than 40 ms, frames are left out until one fits in', () => {
    const steps = Array.from({ length: 8 }, (_, i): [number, number] => [i * 20 - (i > 1 ? 65 : 0), 20]);
    assert.deepEqual(times(...steps), [0, 20, undefined, undefined, undefined, 40, 60, 80]);
  });

  test('nothing comes before the first picture', () => {
    assert.deepEqual(times([-30, 20], [-10, 20], [10, 20]), [undefined, undefined, 10]);
  });

  test('whatever comes: never backwards, never one on another, never far from its time', () => {
    const step = fc.record({
      time: fc.double({ min: -1e5, max: 1e6, noNaN: true }),
      duration: fc.constantFrom(2.5, 20, 21.333, 64, 128),
      missing: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const gapless = new GaplessTime();
        let end = 0;
        for (const { time, duration, missing } of steps) {
          const told = gapless.place(time, duration, missing);
          if (told === undefined) continue;
          assert.ok(told >= end && Math.abs(told - time) <= 64);
          end = told + duration;
        }
      }),
    );
  });
});
