import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EndOfStream, isOver } from '../../daemon/ingest/endOfStream.ts';
import type { SdpRange } from '../../daemon/ingest/sdp.ts';

describe('isOver', () => {
  const half: SdpRange = { kind: 'finite', duration: 30 };
  const table: readonly [
    what: string,
    how: EndOfStream,
    range: SdpRange | undefined,
    seconds: number,
    over: boolean,
  ][] = [
    ['BYE in a recording', 'goodbye', half, 3, true],
    ['TEARDOWN by the server in a recording', 'teardown', half, 30, true],
    [
      'end announced in a recording of unknown length',
      'announced',
      { kind: 'finite', duration: undefined },
      1,
      true,
    ],
    ['closed at the end of a recording', 'closed', half, 29, true],
    ['closed in the middle of a recording', 'closed', half, 12, false],
    ['silent at the end of a recording', 'stalled', half, 29.9, true],
    [
      'silent in a recording of unknown length',
      'stalled',
      { kind: 'finite', duration: undefined },
      100,
      false,
    ],
    [
      'closed before anything of a short recording came',
      'closed',
      { kind: 'finite', duration: 1.5 },
      0,
      false,
    ],
    ['no UDP packet of a recording', 'udp_silent', half, 0, false],
    ['BYE of a live camera', 'goodbye', { kind: 'live' }, 100, false],
    ['BYE where nothing is said of a range', 'goodbye', undefined, 100, false],
  ];
  for (const [what, how, range, seconds, over] of table)
    test(`${what}: ${over ? 'over' : 'a failure'}`, () => {
      assert.equal(isOver(how, range, seconds * 1000), over);
    });
});
