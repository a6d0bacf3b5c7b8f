import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meterOf } from '../../kiosk-ui/player/sound/meterLevel.ts';
import { SoundEdge, soundTarget, steerSound } from '../../kiosk-ui/player/sound/soundEdge.ts';

describe('sound beside its picture', () => {
  it('is left alone while it is where it belongs', () => {
    for (const late of [-0.05, 0, 0.03, undefined])
      assert.deepEqual(steerSound({ spare: soundTarget(0), starved: 0, late }), { rate: 1, jump: 0 });
  });

  it('is played faster where it is late, and there is something in hand for it', () => {
    assert.ok(steerSound({ spare: 0.3, starved: 0, late: 0.2 }).rate > 1);
    assert.ok(
      steerSound({ spare: 0.9, starved: 0, late: 0.6 }).rate >
        steerSound({ spare: 0.3, starved: 0, late: 0.2 }).rate,
    );
    assert.equal(steerSound({ spare: soundTarget(0), starved: 0, late: 0.5 }).rate, 1, 'nothing is in hand');
  });

  it('is played slower where it comes before its picture', () => {
    assert.ok(steerSound({ spare: 0.5, starved: 0, late: -0.2 }).rate < 1);
    assert.ok(
      steerSound({ spare: 0.5, starved: 0, late: -0.5 }).rate <
        steerSound({ spare: 0.5, starved: 0, late: -0.2 }).rate,
    );
  });

  it('is as near to the newest as is safe where there is no picture', () => {
    assert.ok(steerSound({ spare: 0.5, starved: 0, late: undefined }).rate > 1);
  });

  it('jumps over more than a second, and keeps what is needed', () => {
    const { jump } = steerSound({ spare: 3, starved: 2, late: 2.8 });
    assert.ok(jump > 2 && jump <= 3 - soundTarget(2));
  });

  it('keeps more in hand each time that it ran dry, for half a minute', () => {
    const edge = new SoundEdge();
    for (let i = 0; i < 5; i++) edge.starved(i * 100);
    assert.equal(edge.arrived(0.2, undefined, 1000).rate, 1);
    assert.ok(edge.arrived(0.2, undefined, 40_000).rate > 1);
  });

  it('goes by the least that was in hand lately', () => {
    const edge = new SoundEdge();
    edge.arrived(0.04, 0.5, 0);
    assert.equal(edge.arrived(0.4, 0.5, 500).rate, 1);
    assert.ok(edge.arrived(0.4, 0.5, 3000).rate > 1);
  });
});

describe('the meter', () => {
  it('is at its ends in silence and at full scale, and in between as it is felt', () => {
    const wave = (level: number) =>
      Float32Array.from({ length: 1024 }, (_, i) => level * Math.SQRT2 * Math.sin(i));
    assert.equal(meterOf(new Float32Array(1024)), 0);
    assert.ok(Math.abs(meterOf(wave(1)) - 1) < 0.01);
    assert.ok(Math.abs(meterOf(wave(0.0316)) - 0.5) < 0.01);
    assert.equal(meterOf(wave(0.0001)), 0);
  });
});
