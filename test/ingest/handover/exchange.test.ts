import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerAgain, exchangeOf, readTalk } from '../../../daemon/ingest/handover/exchange.ts';
import { RtspDemuxer } from '../../../daemon/rtsp/rtspDemuxer.ts';
import { type RtspResponse, serializeRequest } from '../../../daemon/rtsp/rtspMessage.ts';

const URL = 'rtsp://10.0.0.9/live';

function response(bytes: Buffer | undefined): RtspResponse {
  assert.ok(bytes);
  const [item] = new RtspDemuxer().feed(bytes);
  assert.ok(item?.kind === 'response');
  return item;
}

describe('an answer of before', () => {
  const sdp = 'v=0\r\ns=Türkamera\r\nm=video 0 RTP/AVP 96\r\n';
  const first = response(
    Buffer.from(
      'RTSP/1.0 200 Gut so\r\nCseq: 2\r\nWWW-Authenticate: Digest realm="a"\r\nWWW-Authenticate: Basic realm="ä"\r\n' +
        `Content-Length: ${Buffer.byteLength(sdp)}\r\n\r\n${sdp}`,
    ),
  );
  const exchange = exchangeOf('DESCRIBE', URL, first);

  it('is given again, to the number of the new request', () => {
    const kept = readTalk(JSON.stringify([exchange]));
    assert.ok(kept?.[0]);
    const again = response(
      answerAgain(kept[0], serializeRequest({ method: 'DESCRIBE', url: URL, cseq: 31 })),
    );
    assert.deepEqual([again.status, again.reason, again.headers.get('CSeq')], [200, 'Gut so', '31']);
    assert.deepEqual(again.headers.all('WWW-Authenticate'), ['Digest realm="a"', 'Basic realm="ä"']);
    assert.deepEqual(again.body, first.body);
  });

  it('is none to another method or address, nor to what is no request', () => {
    const ask = (method: string, url: string) => serializeRequest({ method, url, cseq: 2 });
    for (const request of [
      ask('SETUP', URL),
      ask('DESCRIBE', `${URL}2`),
      Buffer.from([0x24, 1, 0, 1, 0]),
      Buffer.alloc(0),
    ])
      assert.equal(answerAgain(exchange, request), undefined, request.toString());
  });

  it('is not taken from a file that is no such list', () => {
    const damaged = [
      ...['', '[', '{}', '[]', '[1]', '[null]', '"x"'],
      JSON.stringify([{ ...exchange, status: '200' }]),
      JSON.stringify([{ ...exchange, headers: [['one']] }]),
      JSON.stringify([exchange, { ...exchange, body: undefined }]),
    ];
    for (const text of damaged) assert.equal(readTalk(text), undefined, text);
  });
});
