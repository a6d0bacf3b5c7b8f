import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readClock, skewCandidates } from '../../daemon/camera/onvifClock.ts';
import { answerableChallenges } from '../../daemon/camera/onvifDigest.ts';
import {
  isAnswer,
  mergeProfiles,
  readDeviceInformation,
  readFault,
  readProfiles,
  readUri,
} from '../../daemon/camera/onvifReply.ts';

const soap = (body: string): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="x"><s:Body>${body}</s:Body></s:Envelope>`;

/** Any bytes as text, as they come from the network. */
const anyText = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString());

describe('GetDeviceInformation', () => {
  it('keeps "5.10", "1.0" and long serial numbers as text (the library makes numbers of them)', () => {
    assert.deepEqual(
      readDeviceInformation(
        soap(
          '<tds:GetDeviceInformationResponse><tds:Manufacturer> Dahua\n</tds:Manufacturer><tds:Model/>' +
            '<tds:FirmwareVersion>5.10</tds:FirmwareVersion><tds:SerialNumber>12345678901234567890</tds:SerialNumber>' +
            '<tds:HardwareId>1.0</tds:HardwareId></tds:GetDeviceInformationResponse>',
        ),
      ),
      {
        manufacturer: 'Dahua',
        model: null,
        firmware: '5.10',
        serial: '12345678901234567890',
        hardware: '1.0',
      },
    );
  });
});

describe('GetProfiles', () => {
  const h264 =
    '<trt:Profiles token="000" fixed="true"><tt:Name>main</tt:Name><tt:VideoSourceConfiguration token="v"/>' +
    '<tt:VideoEncoderConfiguration token="e"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>2592</tt:Width>' +
    '<tt:Height>1944</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>12.5</tt:FrameRateLimit>' +
    '<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>50</tt:GovLength></tt:H264>' +
    '</tt:VideoEncoderConfiguration><tt:PTZConfiguration token="p"/></trt:Profiles>';
  const hidden =
    '<trt:Profiles token="001"><tt:Name>h265</tt:Name><tt:VideoSourceConfiguration token="v"/></trt:Profiles>';
  const metadata =
    '<trt:Profiles token="002"><tt:Name>meta</tt:Name><tt:MetadataConfiguration token="m"/></trt:Profiles>';
  const media1 = readProfiles(
    soap(`<trt:GetProfilesResponse>${h264}${hidden}${metadata}</trt:GetProfilesResponse>`),
  );

  it('gives codec, size, rate, bitrate and GOP length', () => {
    assert.deepEqual(media1[0], {
      token: '000',
      name: 'main',
      codec: 'h264',
      width: 2592,
      height: 1944,
      fps: 12.5,
      bitrate: 4096,
      gop: 50,
      ptz: true,
      encoder: true,
    });
  });

  it('keeps a profile whose encoder Media1 hides, and leaves out one that is metadata only (case 31: Dahua)', () => {
    assert.deepEqual(
      media1.map(({ token, encoder, codec }) => [token, encoder, codec]),
      [
        ['000', true, 'h264'],
        ['001', false, null],
      ],
    );
  });

  it('with a single profile is a list all the same, whatever the prefixes (case 31)', () => {
    const bare = soap(
      `<GetProfilesResponse>${h264.replaceAll('trt:', '').replaceAll('tt:', '')}</GetProfilesResponse>`,
    );
    assert.deepEqual(readProfiles(bare), [media1[0]]);
  });

  it('of Media2 tells of H.265, and fills in what Media1 hid (case 31)', () => {
    const media2 = readProfiles(
      soap(
        '<tr2:GetProfilesResponse><tr2:Profiles token="001"><tr2:Name>other</tr2:Name><tr2:Configurations>' +
          '<tr2:VideoSource token="v"/><tr2:VideoEncoder token="e" GovLength="40" Profile="Main"><tt:Encoding>H265</tt:Encoding>' +
          '<tt:Resolution><tt:Width>3840</tt:Width><tt:Height>2160</tt:Height></tt:Resolution><tt:RateControl>' +
          '<tt:FrameRateLimit>20.0</tt:FrameRateLimit><tt:BitrateLimit>6144</tt:BitrateLimit></tt:RateControl>' +
          '</tr2:VideoEncoder><tr2:PTZ token="p"/></tr2:Configurations></tr2:Profiles></tr2:GetProfilesResponse>',
      ),
    );
    const merged = mergeProfiles(media1, media2);
    assert.deepEqual(
      merged.map(({ token }) => token),
      ['000', '001'],
    );
    assert.deepEqual(merged[1], {
      token: '001',
      name: 'h265',
      codec: 'hevc',
      width: 3840,
      height: 2160,
      fps: 20,
      bitrate: 6144,
      gop: 40,
      ptz: true,
      encoder: true,
    });
  });

  it('takes zero and nonsense as not said', () => {
    const [profile] = readProfiles(
      soap(
        '<P><Profiles token="a"><VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution><Width>0</Width>' +
          '<Height>-1</Height></Resolution><RateControl><FrameRateLimit>NaN</FrameRateLimit><BitrateLimit>1e99</BitrateLimit>' +
          '</RateControl></VideoEncoderConfiguration></Profiles></P>',
      ),
    );
    assert.deepEqual(
      [profile?.width, profile?.height, profile?.fps, profile?.bitrate, profile?.gop, profile?.name],
      [null, null, null, null, null, 'a'],
    );
  });
});

describe('other answers', () => {
  it('a URI is read with entities decoded, from CDATA too (case 30)', () => {
    const uri = (text: string) =>
      readUri(soap(`<GetStreamUriResponse><MediaUri><Uri>${text}</Uri></MediaUri></GetStreamUriResponse>`));
    assert.equal(uri('\n rtsp://a/?x=1&amp;y=2 '), 'rtsp://a/?x=1&y=2');
    assert.equal(uri('<![CDATA[rtsp://a/?x=1&y=2]]>'), 'rtsp://a/?x=1&y=2');
  });

  it('a fault is told with its codes, and is no answer', () => {
    const fault = soap(
      '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>' +
        '<s:Reason><s:Text>Sender not Authorized</s:Text></s:Reason></s:Fault>',
    );
    assert.match(readFault(fault) ?? '', /ter:NotAuthorized.*Sender not Authorized/);
    assert.equal(isAnswer(fault), false);
    assert.equal(isAnswer(soap('<x/>')), true);
    assert.equal(isAnswer('<html><body><h1>404</h1></body></html>'), false);
  });

  it('of arbitrary text never throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const xml of [text, soap(text), soap(`<Profiles token="${text}">`)]) {
          readProfiles(xml);
          readDeviceInformation(xml);
          readUri(xml);
          readFault(xml);
          readClock(xml, 0);
        }
        answerableChallenges([text, `Digest ${text}`]);
      }),
    );
  });
});

describe("a camera's clock", () => {
  const time = (name: string, [y, mo, d, h, mi, s]: number[]) =>
    `<tt:${name}><tt:Time><tt:Hour>${h}</tt:Hour><tt:Minute>${mi}</tt:Minute><tt:Second>${s}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${y}</tt:Year><tt:Month>${mo}</tt:Month><tt:Day>${d}</tt:Day></tt:Date></tt:${name}>`;
  const answer = (...times: string[]) =>
    soap(`<r><tds:SystemDateAndTime>${times.join('')}</tds:SystemDateAndTime></r>`);
  const now = Date.UTC(2026, 7, 24, 12, 0, 0);

  it('is compared with ours in UTC and in its local time (cases 23 and 24)', () => {
    const clock = readClock(
      answer(time('UTCDateTime', [2026, 8, 24, 2, 0, 0]), time('LocalDateTime', [2026, 8, 24, 12, 0, 0])),
      now,
    );
    // OpenIPC majestic-webui#292: ten hours off, local time sold as UTC.
    assert.ok(Math.abs((clock.utc ?? 0) + 36_000) <= 1);
    assert.ok(Math.abs(clock.local ?? 99) <= 1);
    assert.equal(skewCandidates(clock).length, 2);
  });

  it('may show 24:00:00 or 00:61:16 (case 33)', () => {
    const skew = (h: number, mi: number, s: number) =>
      readClock(answer(time('UTCDateTime', [2026, 8, 24, h, mi, s])), now).utc;
    assert.equal(skew(24, 0, 0), 12 * 3600 + 1);
    assert.equal(skew(0, 61, 16), -(12 * 3600) + 61 * 60 + 17);
  });

  it('that is not told leaves our own time', () => {
    for (const xml of ['', soap('<r/>'), answer('<UTCDateTime/>')])
      assert.deepEqual(skewCandidates(readClock(xml, now)), [0]);
  });

  it('gives each candidate once, the likeliest first (case 24)', () => {
    assert.deepEqual(skewCandidates({ utc: 1, local: 28_800 }), [1, 28_800]);
    assert.deepEqual(skewCandidates({ utc: 3600, local: 3600 }), [3600, 0]);
    assert.deepEqual(skewCandidates({ utc: 7200, local: 36_000 }), [7200, 0, 36_000]);
  });
});

describe('HTTP Digest challenges for the library', () => {
  it('offer auth alone when the camera offers auth and auth-int (Sony SRG-XP1)', () => {
    for (const qop of ['"auth,auth-int"', '"auth-int, auth"', '"auth"', 'auth'])
      assert.deepEqual(answerableChallenges([`Digest qop=${qop}, realm="x", nonce="1"`]), [
        'Digest qop="auth", realm="x", nonce="1"',
      ]);
  });
  it('keep SHA-256 and MD5, and drop algorithms that this machine cannot compute (Hikvision; SHA-512-256)', () => {
    const [md5, sha, odd] = [
      'Digest realm="x", nonce="1"',
      'Digest realm="x", nonce="2", algorithm="SHA-256"',
      'Digest realm="x", nonce="3", algorithm=SHA-512-256',
    ];
    assert.deepEqual(answerableChallenges([md5, sha, odd]), [md5, sha]);
  });
  it('with an unknown algorithm alone are tried as MD5 (TP-Link)', () => {
    assert.deepEqual(answerableChallenges(['Digest realm="x", algorithm=foo, nonce="3"']), [
      'Digest realm="x", nonce="3"',
    ]);
  });
});
