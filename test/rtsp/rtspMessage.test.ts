import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { endsStream } from '../../daemon/ingest/endOfStream.ts';
import {
  cseqOf,
  parseHead,
  parsePublic,
  parseSession,
  type RtspRequest,
  serializeRequest,
  serializeResponse,
} from '../../daemon/rtsp/rtspMessage.ts';

function head(text: string) {
  const parsed = parseHead(text);
  assert.ok(parsed, `no message: ${JSON.stringify(text)}`);
  return parsed;
}

describe('serializeRequest', () => {
  test('writes CSeq with that very case, User-Agent always, and nothing that was not asked for (cases 2, 9, 13)', () => {
    const bytes = serializeRequest({
      method: 'SETUP',
      url: 'rtsp://10.0.0.5/main/track1',
      cseq: 3,
      headers: { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1', Authorization: undefined },
    });
    assert.equal(
      bytes.toString(),
      'SETUP rtsp://10.0.0.5/main/track1 RTSP/1.0\r\nCSeq: 3\r\nUser-Agent: Walleye\r\n' +
        'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n',
    );
  });

  test('a line break in a URL or a value cannot forge a header', () => {
    const text = serializeRequest({
      method: 'PLAY',
      url: 'rtsp://h/a\r\nX: 1',
      cseq: 1,
      headers: { Session: '1\r\n\r\nEVIL' },
    }).toString();
    assert.equal(text.match(/\r\n/g)?.length, 5);
    assert.equal(text.indexOf('\r\n\r\n'), text.length - 4);
  });
});

describe('serializeResponse', () => {
  test('echoes the server’s CSeq and our session (case 7)', () => {
    assert.equal(
      serializeResponse({ status: 200, reason: 'OK', cseq: '1', session: '708345999' }).toString(),
      'RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 708345999\r\n\r\n',
    );
  });
});

describe('parseHead', () => {
  test('Longse: a blank behind the CSeq is no part of it (case 1)', () => {
    assert.equal(cseqOf(head('RTSP/1.0 200 OK\r\nCSeq: 1 \r\nX:y').headers), 1);
  });

  test('VStarcam and H264DVR 1.0 `Cseq`, Hipcam `Content-length`, all-lower names are the same fields (case 2)', () => {
    const { headers } = head(
      'RTSP/1.0 401 Unauthorized\r\nCseq: 2\r\nContent-length: 5\r\nwww-authenticate: Basic realm="x"',
    );
    assert.equal(headers.get('CSeq'), '2');
    assert.equal(headers.get('Content-Length'), '5');
    assert.deepEqual(headers.all('WWW-Authenticate'), ['Basic realm="x"']);
  });

  test('Hikvision: many blanks after the colon (case 3)', () => {
    const { headers } = head('RTSP/1.0 200 OK\r\nSession:        708345999\r\nDate:  Wed, May 05 2021');
    assert.equal(headers.get('session'), '708345999');
    assert.equal(headers.get('date'), 'Wed, May 05 2021');
  });

  for (const line of ['RTSP/1.0 200', 'RTSP/1.0 200 ', 'RTSP/1.0 200\r']) {
    test(`a status line without reason is one: ${JSON.stringify(line)} (case 4, gortsplib#1043)`, () => {
      const message = head(`${line}\nCSeq: 1`);
      assert.ok(message.kind === 'response');
      assert.equal(message.status, 200);
      assert.equal(message.reason, '');
    });
  }

  test('Hikvision: two WWW-Authenticate headers are both kept (case 14)', () => {
    const { headers } = head(
      'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="IP Camera(C1214)", nonce="ab", stale="FALSE"\r\nWWW-Authenticate: Basic realm="/"',
    );
    assert.equal(headers.all('www-authenticate').length, 2);
  });

  test('RDIPCamera: a request from the server (case 7)', () => {
    const message = head('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: RDIPCamera');
    assert.ok(message.kind === 'request');
    assert.equal(message.method, 'OPTIONS');
    assert.equal(message.url, '*');
    assert.equal(cseqOf(message.headers), 1);
  });

  test('folded lines, lines without colon and LF alone do no harm', () => {
    const { headers } = head('RTSP/1.0 200 OK\nRTP-Info: url=a;\n seq=1\nrubbish\nCSeq : 4');
    assert.equal(headers.get('RTP-Info'), 'url=a; seq=1');
    assert.equal(headers.get('CSeq'), '4');
  });

  test('anything else is no message, and nothing throws', () => {
    for (const text of [
      '',
      'HTTP/1.1 200 OK',
      'RTSP/1.0',
      'RTSP/1.0 2000 OK',
      'OPTIONS *',
      'options * RTSP/1.0',
    ])
      assert.equal(parseHead(text), undefined, text);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseHead(text)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void parseHead(`RTSP/1.0 200 OK\r\n${text}`)),
    );
  });
});

test('cseqOf: what is no number is no CSeq (case 5)', () => {
  for (const value of ['', 'x', '-1', '1.5', '9'.repeat(40)])
    assert.equal(cseqOf(head(`RTSP/1.0 200 OK\r\nCSeq: ${value}`).headers), undefined, value);
});

describe('parseSession (cases 46, 47)', () => {
  for (const [value, id, timeout] of [
    ['9a90de54; timeout=120', '9a90de54', 120],
    ['12345678', '12345678', 60],
    ['ab;timeout=0', 'ab', 60],
    ['ab;timeout=15', 'ab', 15],
    ['ab;timeout="20"', 'ab', 20],
    ['ab;x=1;  Timeout = 30', 'ab', 30],
    ['ab;timeout=soon', 'ab', 60],
    ['', '', 60],
  ] as const)
    test(`${JSON.stringify(value)} is id ${JSON.stringify(id)} for ${timeout} s`, () => {
      assert.deepEqual(parseSession(value), { id, timeout });
    });
});

test('parsePublic: commas, blanks and several headers', () => {
  assert.deepEqual(parsePublic(['OPTIONS,DESCRIBE', ' play,  Pause ']), [
    'OPTIONS',
    'DESCRIBE',
    'PLAY',
    'PAUSE',
  ]);
  assert.deepEqual(parsePublic([]), []);
});

describe('endsStream (case 7)', () => {
  const request = (text: string) => ({ ...head(text), body: Buffer.alloc(0) }) as RtspRequest;
  test('TEARDOWN and ANNOUNCE with an end-of-stream notice end it', () => {
    assert.equal(endsStream(request('TEARDOWN rtsp://h/ RTSP/1.0')), 'teardown');
    assert.equal(
      endsStream(request('ANNOUNCE * RTSP/1.0\r\nX-Notice: 2101 End-of-Stream Reached')),
      'announced',
    );
    assert.equal(endsStream(request('PLAY_NOTIFY * RTSP/1.0\r\nNotify-Reason: end-of-stream')), 'announced');
  });
  test('OPTIONS and an ANNOUNCE of a new description do not', () => {
    assert.equal(endsStream(request('OPTIONS * RTSP/1.0')), undefined);
    assert.equal(endsStream(request('ANNOUNCE * RTSP/1.0\r\nContent-Type: application/sdp')), undefined);
  });
});
