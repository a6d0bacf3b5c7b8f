import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { ChosenDecoder } from '../../daemon/decode/chosenDecoder.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';

test('the chosen decoder is tested again in its place, one test at a time', async () => {
  const ffmpeg = await findFfmpeg({});
  const sandbox = await probeSandbox({ program: ffmpeg.path });
  const decoder = await ChosenDecoder.find(ffmpeg, sandbox, pino({ level: 'silent' }));
  const { chosen, candidates } = decoder;
  assert.ok(candidates.some(({ hwaccel, works }) => hwaccel === chosen && works));
  const testing = decoder.retest();
  assert.ok(testing);
  assert.equal(decoder.retest(), undefined, 'one is under way');
  await testing;
  assert.notEqual(decoder.candidates, candidates, 'it was looked at anew');
  assert.equal(decoder.chosen, chosen, 'the machine is the same');
  const again = decoder.retest();
  assert.ok(again);
  await again;
});
