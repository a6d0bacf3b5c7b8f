import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  parseTransport,
  parseTransportOffers,
  type TransportAnswer,
} from '../../daemon/rtsp/transportHeader.ts';

const tcp = (rtp: number, rtcp: number, ssrc?: number): Partial<TransportAnswer> => ({
  protocol: 'tcp',
  interleaved: { rtp, rtcp },
  ssrc,
});

describe('parseTransport (cases 39, 40)', () => {
  for (const [camera, value, expected] of [
    ['Luckfox rkipc: ssrc first', 'RTP/AVP/TCP;ssrc=22345684;interleaved=0-1', tcp(0, 1, 0x22345684)],
    ['Escam Q6: no /TCP', 'RTP/AVP;unicast;interleaved=0-1', tcp(0, 1)],
    ['one channel', 'RTP/AVP/TCP;interleaved=0', tcp(0, 1)],
    ['other channels', 'RTP/AVP/TCP;unicast;interleaved=10-11', tcp(10, 11)],
    ['an odd pair', 'RTP/AVP/TCP;interleaved=1-2', tcp(1, 2)],
    [
      'Hikvision: blank and seven digits',
      'RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= d6d6627',
      tcp(0, 1, 0xd6d6627),
    ],
    ['Dahua: five blanks', 'RTP/AVP/TCP;interleaved=0-1;ssrc=     D93FF', tcp(0, 1, 0xd93ff)],
    ['odd number of digits', 'RTP/AVP/TCP;interleaved=0-1;ssrc=4317f', tcp(0, 1, 0x4317f)],
    ['ten digits: no SSRC', 'RTP/AVP/TCP;interleaved=0-1;ssrc=1449463210', tcp(0, 1)],
    ['TCP without channels', 'RTP/AVP/TCP;unicast', { protocol: 'tcp', interleaved: undefined }],
    [
      'Panasonic',
      'RTP/AVP/UDP;unicast;client_port=5000-5001;server_port=6970-6971;source=10.0.0.5',
      { protocol: 'udp', serverPort: { rtp: 6970, rtcp: 6971 }, source: '10.0.0.5' },
    ],
    [
      'OpenIPC: one server port',
      'RTP/AVP;unicast;client_port=5000-5001;server_port=8052',
      { protocol: 'udp', serverPort: { rtp: 8052, rtcp: 8053 } },
    ],
    [
      'no server port, empty source',
      'RTP/AVP;unicast;source=;client_port=5000-5001',
      { protocol: 'udp', serverPort: undefined, source: undefined },
    ],
    [
      'source is a name',
      'RTP/AVP;unicast;source=camera.lan;server_port=0-0',
      { source: 'camera.lan', serverPort: undefined },
    ],
    [
      'multicast',
      'RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001;ttl=16',
      { protocol: 'multicast', group: { address: '239.1.1.1', ports: { rtp: 5000, rtcp: 5001 } } },
    ],
    [
      'multicast to nobody knows where',
      'RTP/AVP;multicast;port=5000-5001',
      { protocol: 'multicast', group: undefined },
    ],
    ['channel beyond a byte', 'RTP/AVP/TCP;interleaved=256-257', { protocol: 'tcp', interleaved: undefined }],
  ] as const)
    test(`${camera}: ${value}`, () => {
      const answer = parseTransport(value);
      for (const [name, wanted] of Object.entries(expected))
        assert.deepEqual(answer[name as keyof TransportAnswer], wanted, name);
    });

  test('any text: no throw, numbers in range', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((t) => `RTP/AVP/TCP;interleaved=${t};ssrc=${t};server_port=${t}`),
        ),
        (text) => {
          const { interleaved, serverPort, ssrc } = parseTransport(text);
          if (interleaved) assert.ok(interleaved.rtp <= 255 && interleaved.rtcp <= 255);
          if (serverPort) assert.ok(serverPort.rtp <= 65535 && serverPort.rtcp <= 65535);
          if (ssrc !== undefined) assert.ok(ssrc >= 0 && ssrc <= 0xffff_ffff);
        },
      ),
    );
  });
});

describe('parseTransportOffers', () => {
  const interleaved = (rtp: number, rtcp: number) => ({ protocol: 'tcp', interleaved: { rtp, rtcp } });
  const ports = (rtp: number, rtcp: number) => ({ protocol: 'udp', clientPort: { rtp, rtcp } });
  for (const [client, value, expected] of [
    ['ffmpeg over TCP', 'RTP/AVP/TCP;unicast;interleaved=0-1', [interleaved(0, 1)]],
    ['ffmpeg over UDP', 'RTP/AVP/UDP;unicast;client_port=20654-20655', [ports(20654, 20655)]],
    ['GStreamer, with a mode', 'RTP/AVP;unicast;client_port=5000-5001;mode="PLAY"', [ports(5000, 5001)]],
    [
      'several, in their order',
      'RTP/AVP;unicast;client_port=1024-1025,RTP/AVP/TCP;interleaved=2-3',
      [ports(1024, 1025), interleaved(2, 3)],
    ],
    ['no channels: 0 and 1', 'RTP/AVP/TCP', [interleaved(0, 1)]],
    ['no unicast', 'RTP/AVP;client_port=4588-4589', [ports(4588, 4589)]],
    ['multicast', 'RTP/AVP;multicast;client_port=4588-4589', []],
    ['SRTP', 'RTP/SAVP/TCP;interleaved=0-1', []],
    ['recording', 'RTP/AVP/TCP;interleaved=0-1;mode=RECORD', []],
    ['channels that there are not', 'RTP/AVP;interleaved=300-301', []],
    ['ports that there are not', 'RTP/AVP;client_port=65535', []],
    ['nothing', '', []],
  ] as const)
    test(client, () => assert.deepEqual(parseTransportOffers(value), expected));

  test('any text gives an answer', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void parseTransportOffers(text)));
  });
});
