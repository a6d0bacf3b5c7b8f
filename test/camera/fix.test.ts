/** Setting cameras up over ONVIF, those that refuse, and those that say yes and do nothing. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fixCamera } from '../../daemon/camera/fix.ts';
import type { Finding, FindingCode } from '../../daemon/schema.ts';
import { cameraRow, streamRow } from '../store/rows.ts';
import type { OnvifFaults, VirtualProfile } from '../virtual-camera/onvifService.ts';
import { envelope, faultXml } from '../virtual-camera/soap.ts';
import { camera, LOGIN, MAIN } from './onvifCamera.ts';

const SUB: VirtualProfile = { ...MAIN, token: 'Profile_2', name: 'sub', gop: 60 };

function finding(code: FindingCode, stream: string | null, fixable = true): Finding {
  return { code, stream, severity: 'hint', seen: null, wanted: null, message: 'It is wrong.', fixable };
}

/** Ends with the test. */
async function gate(t: TestContext, { sub = {}, faults = {} }: { sub?: object; faults?: OnvifFaults } = {}) {
  const profiles = [{ ...MAIN }, { ...SUB, ...sub }];
  const service = await camera(t, { profiles, faults });
  const row = cameraRow('gate', { address: service.url, ...LOGIN });
  const streams = [
    streamRow('gate_main', 'gate', { profile_token: 'Profile_1', width: 1280, height: 720 }),
    streamRow('gate_sub', 'gate', { profile_token: 'Profile_2', position: 1 }),
  ];
  const fix = (...findings: Finding[]) =>
    fixCamera(
      row,
      streams,
      findings,
      findings.map(({ code }) => code),
    );
  return { profiles, fix, row, streams };
}

describe('setting a camera up', () => {
  it('makes a small stream of a large one, in its own shape, with a key frame a second', async (t) => {
    const { profiles, fix } = await gate(t);
    const { changes, failed } = await fix(
      finding('sub_stream_large', 'gate_sub'),
      finding('gop_long', 'gate_sub'),
    );
    assert.deepEqual(failed, []);
    assert.deepEqual(
      changes.filter(({ what }) => what !== 'bitrate'),
      [
        { stream: 'gate_sub', what: 'size', before: '1280×720', after: '640×360' },
        { stream: 'gate_sub', what: 'gop', before: '60', after: '15' },
      ],
    );
    assert.deepEqual([profiles[1]?.width, profiles[1]?.height, profiles[1]?.gop], [640, 360, 15]);
    assert.deepEqual(profiles[0], MAIN, 'the other stream is left alone');
  });

  it('makes H.264 of H.265', async (t) => {
    const { profiles, fix } = await gate(t, { sub: { codec: 'hevc' } });
    const { changes, failed } = await fix(finding('sub_stream_codec', 'gate_sub'));
    assert.deepEqual(failed, []);
    assert.ok(
      changes.some(({ what, before, after }) => what === 'codec' && before === 'hevc' && after === 'h264'),
    );
    assert.equal(profiles[1]?.codec, 'h264');
  });

  it('says what the camera refuses, in its words, and goes on with the rest', async (t) => {
    const { fix } = await gate(t, {
      faults: {
        answer: (call, xml) =>
          call === 'SetVideoEncoderConfiguration' ? faultXml('ter:ConfigModify', 'Resource is in use') : xml,
      },
    });
    const { changes, failed } = await fix(
      finding('gop_long', 'gate_sub'),
      finding('smart_codec', 'gate_main', false),
    );
    assert.deepEqual(changes, []);
    const said = Object.fromEntries(failed.map(({ code, message }) => [code, message]));
    assert.match(said.gop_long ?? '', /Resource is in use/);
    assert.match(said.smart_codec ?? '', /own web page/);
  });

  it('believes what the camera does, not what it says', async (t) => {
    const { fix } = await gate(t, {
      faults: {
        answer: (call, xml) =>
          call === 'GetVideoEncoderConfigurations' ||
          call === 'GetVideoEncoderConfiguration' ||
          call === 'GetProfiles'
            ? xml.replace(/(<tt:GovLength>)\d+/g, '$160')
            : xml,
      },
    });
    const { changes, failed } = await fix(finding('gop_long', 'gate_sub'));
    assert.ok(!changes.some(({ what }) => what === 'gop'));
    assert.match(failed[0]?.message ?? '', /kept the old one/);
  });

  it('waits for a camera that restarts for its new settings', async (t) => {
    let away = 0;
    const { fix } = await gate(t, {
      faults: {
        answer: (call, xml, response) => {
          if (call === 'SetVideoEncoderConfiguration') away = 2;
          else if (away > 0) {
            away -= 1;
            response.destroy();
            return undefined;
          }
          return xml;
        },
      },
    });
    const { changes, failed } = await fix(finding('gop_long', 'gate_sub'));
    assert.deepEqual(failed, []);
    assert.deepEqual(changes, [{ stream: 'gate_sub', what: 'gop', before: '60', after: '15' }]);
  });

  it('tells what it has changed although the camera is gone since', async (t) => {
    let changed = 0;
    const { fix } = await gate(t, {
      faults: {
        answer: (call, xml, response) => {
          if (call === 'SetVideoEncoderConfiguration') changed += 1;
          if (changed < 2) return xml;
          response.destroy();
          return undefined;
        },
      },
    });
    const { changes, failed } = await fix(finding('gop_long', 'gate_main'), finding('gop_long', 'gate_sub'));
    assert.deepEqual(changes, [{ stream: 'gate_main', what: 'gop', before: '30', after: '15' }]);
    assert.equal(failed.length, 1);
    assert.match(failed[0]?.message ?? '', /^127\.0\.0\.1.+is not reachable.+\.$/);
  });

  it('that was added by its stream addresses cannot be done', async (t) => {
    const { row, streams } = await gate(t);
    await assert.rejects(
      fixCamera({ ...row, address: null }, streams, [finding('gop_long', 'gate_sub')], ['gop_long']),
      { code: 'no_onvif' },
    );
  });

  it('says so when the camera answers with something else', async (t) => {
    const { fix } = await gate(t, {
      faults: { answer: (call, xml) => (call === 'SetVideoEncoderConfiguration' ? envelope('<x/>') : xml) },
    });
    const { changes } = await fix(finding('gop_long', 'gate_sub'));
    // It did it: what counts is what it says when it is asked again.
    assert.ok(changes.some(({ what }) => what === 'gop'));
  });
});
