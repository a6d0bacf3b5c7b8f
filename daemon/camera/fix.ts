/** Carries out over ONVIF what findings ask for, and tells what became of it. */
import type { Finding, FindingCode, FixResult } from '../schema.ts';
import type { CameraRow, StreamRow } from '../store/rows.ts';
import { FPS_WANTED, SUB_STREAM } from './advice.ts';
import { CameraError } from './cameraError.ts';
import type { EncoderOutcome, EncoderWish, WishPart } from './encoderChoice.ts';
import { OnvifError, onvifTarget } from './onvif.ts';
import type { EncoderSettings } from './onvifEncoderXml.ts';
import { OnvifThread } from './onvifThread.ts';

/** Milliseconds for one stream: finding the services, four reads, one write, and looking again. */
const PATIENCE = 30_000;
const FINDING_SERVICES = 8_000;

type Fixed = Omit<FixResult, 'advice'>;
type Change = Fixed['changes'][number];

const PART: Partial<Record<FindingCode, WishPart>> = {
  gop_long: 'keySeconds',
  sub_stream_large: 'fit',
  sub_stream_codec: 'h264',
  codec_unsupported: 'h264',
  fps_low: 'fps',
};
const BEYOND_ONVIF: Partial<Record<FindingCode, string>> = {
  smart_codec: 'ONVIF knows no setting for it. Switch it off on the camera’s own web page.',
  no_sub_stream: 'ONVIF cannot make a stream. Switch on the sub stream on the camera’s own web page.',
};

/**
 * @param findings of the last measurement, those that are wanted
 * @param codes all that were asked for: for what was not found nothing is done, and that is said
 * @throws CameraError `no_onvif` · OnvifError `unreachable`, `timeout`, `refused`, `not_onvif`
 */
export async function fixCamera(
  camera: CameraRow,
  streams: readonly StreamRow[],
  findings: readonly Finding[],
  codes: readonly FindingCode[],
): Promise<Fixed> {
  const { address, username, password } = camera;
  if (address === null)
    throw new CameraError(
      409,
      'no_onvif',
      'The camera was added by its stream addresses. Give it its ONVIF address, or set it up on its own web page.',
    );
  const result: Fixed = { changes: [], failed: [] };
  for (const code of codes)
    if (!findings.some((finding) => finding.code === code))
      result.failed.push({ code, message: 'The last measurement did not find that.' });
  const login = username === null ? {} : { username, password: password ?? '' };
  const thread = new OnvifThread(onvifTarget({ address, ...login, timeout: FINDING_SERVICES }));
  const steps: { own: readonly Finding[]; carryOut: (own: readonly Finding[]) => Promise<void> }[] = [
    ...streams.map((row) => ({
      own: findings.filter(({ stream }) => stream === row.name),
      carryOut: (own: readonly Finding[]) => fixStream(thread, row, streams[0], own, result),
    })),
    // Last: what follows would need tokens by the new clock.
    {
      own: findings.filter(({ code }) => code === 'clock_wrong'),
      carryOut: () => fixClock(thread, result),
    },
  ];
  let lost: OnvifError | undefined;
  try {
    for (const { own, carryOut } of steps) {
      if (own.length === 0) continue;
      try {
        if (!lost) await carryOut(own);
      } catch (error) {
        // What was changed already has to be told, whatever became of the camera since: many restart.
        if (!(error instanceof OnvifError) || result.changes.length === 0) throw error;
        lost = error;
      }
      if (lost) for (const { code } of own) result.failed.push({ code, message: `${lost.message}.` });
    }
    return result;
  } finally {
    await thread.close();
  }
}

async function fixStream(
  thread: OnvifThread,
  row: StreamRow,
  main: StreamRow | undefined,
  findings: readonly Finding[],
  result: Fixed,
): Promise<void> {
  const fail = (code: FindingCode, message: string) => result.failed.push({ code, message });
  const able = findings.filter(({ code, fixable }) => {
    if (fixable && PART[code]) return true;
    fail(code, BEYOND_ONVIF[code] ?? 'That cannot be set over ONVIF for this stream.');
    return false;
  });
  if (able.length === 0 || row.profile_token === null) {
    for (const { code } of able) fail(code, 'The stream was added by hand: ONVIF does not know it.');
    return;
  }
  let outcome: EncoderOutcome;
  try {
    const wish = wishOf(able, row, main);
    outcome = await thread.ask('set_encoder', { profile: row.profile_token, wish }, PATIENCE);
  } catch (error) {
    if (!(error instanceof OnvifError) || (error.code !== 'fault' && error.code !== 'refused')) throw error;
    const why =
      error.code === 'refused' ? `${error.message}, or this user may not change its settings` : error.message;
    for (const { code } of able) fail(code, `${why}.`);
    return;
  }
  const changes = changesOf(row.name, outcome);
  result.changes.push(...changes);
  const unmet = new Map(outcome.unmet);
  for (const { code } of able) {
    const part = PART[code]!;
    const reason = unmet.get(part);
    if (reason !== undefined) fail(code, reason);
    else if (!changes.some(({ what }) => WHAT[part].includes(what)))
      fail(code, 'The camera took the setting and kept the old one.');
  }
}

function wishOf(findings: readonly Finding[], row: StreamRow, main: StreamRow | undefined): EncoderWish {
  const parts = new Set(findings.map(({ code }) => PART[code]));
  const shape = main?.width && main.height ? main : row;
  const aspect = shape.width && shape.height ? shape.width / shape.height : null;
  return {
    ...(parts.has('keySeconds') ? { keySeconds: 1 } : {}),
    ...(parts.has('h264') ? { h264: true } : {}),
    ...(parts.has('fit') ? { fit: { ...SUB_STREAM, aspect } } : {}),
    ...(parts.has('fps') ? { fps: FPS_WANTED } : {}),
  };
}

const WHAT: Record<WishPart, readonly string[]> = {
  keySeconds: ['gop'],
  h264: ['codec'],
  fit: ['size'],
  fps: ['fps'],
};

function changesOf(stream: string, { before, after }: EncoderOutcome): Change[] {
  const size = ({ width, height }: EncoderSettings) => (width && height ? `${width}×${height}` : null);
  const text = (value: string | number | null) => (value === null ? null : String(value));
  const all: [string, string | null, string | null][] = [
    ['codec', before.codec, after.codec],
    ['size', size(before), size(after)],
    ['fps', text(before.fps), text(after.fps)],
    ['gop', text(before.gop), text(after.gop)],
    ['bitrate', text(before.bitrate), text(after.bitrate)],
  ];
  return all
    .filter(([, was, is]) => was !== is)
    .map(([what, was, is]) => ({ stream, what, before: was, after: is }));
}

async function fixClock(thread: OnvifThread, result: Fixed): Promise<void> {
  const seconds = (value: number | null) => (value === null ? null : `${Math.round(value)} s`);
  try {
    const { before, after } = await thread.ask('set_clock', undefined, PATIENCE);
    result.changes.push({ stream: null, what: 'clock', before: seconds(before), after: seconds(after) });
    if (after === null || Math.abs(after) > 5)
      result.failed.push({ code: 'clock_wrong', message: 'The camera took the time and kept the old one.' });
  } catch (error) {
    if (!(error instanceof OnvifError) || (error.code !== 'fault' && error.code !== 'refused')) throw error;
    result.failed.push({ code: 'clock_wrong', message: `${error.message}.` });
  }
}
