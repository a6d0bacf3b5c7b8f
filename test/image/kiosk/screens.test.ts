import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { numbered } from '../../../image/kiosk/screens.ts';

describe('which connector is which screen', () => {
  const cases: [what: string, known: string[], connected: string[], expected: string[], pinned?: string[]][] =
    [
      ['at first in the order of their names', [], ['DP-1', 'HDMI-A-1'], ['DP-1', 'HDMI-A-1']],
      ['a monitor that is off keeps its number', ['HDMI-A-1', 'DP-1'], ['DP-1'], ['HDMI-A-1', 'DP-1']],
      ['and so does each when none is there', ['HDMI-A-1', 'DP-1'], [], ['HDMI-A-1', 'DP-1']],
      ['a second one gets the next number', ['HDMI-A-1'], ['DP-1', 'HDMI-A-1'], ['HDMI-A-1', 'DP-1']],
      ['the cable of the only monitor was moved', ['HDMI-A-1'], ['DP-1'], ['DP-1']],
      [
        'a fifth takes the number of one that is gone',
        ['a', 'b', 'c', 'd'],
        ['a', 'b', 'd', 'e'],
        ['a', 'b', 'e', 'd'],
      ],
      ['or none', ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd']],
      ['somebody has fixed them', ['HDMI-A-1', 'DP-1'], ['HDMI-A-1', 'DP-1'], ['DP-1', 'HDMI-A-1'], ['DP-1']],
      ['a fixed one keeps its number while it is away', [], ['HDMI-A-1'], ['DP-1', 'HDMI-A-1'], ['DP-1']],
    ];
  for (const [what, known, connected, expected, pinned] of cases)
    it(what, () => {
      const list = numbered(known, connected, pinned);
      assert.deepEqual(list, expected);
      assert.deepEqual(numbered(list, connected, pinned), expected, 'a second look changes nothing');
    });
});
