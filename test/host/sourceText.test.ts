import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jsonFault } from '../../daemon/host/jsonFault.ts';
import { networkdProblem, siteNetworkName } from '../../daemon/host/networkdFile.ts';
import { readSiteHost } from '../../daemon/host/siteHead.ts';
import { readJson, readText } from '../../daemon/host/sourceText.ts';

describe('bytes', () => {
  const text = (...parts: (string | number[])[]) =>
    readText(Buffer.concat(parts.map((part) => Buffer.from(part as string))));

  it('are read with a byte order mark and Windows’ line ends', () => {
    assert.deepEqual(text([0xef, 0xbb, 0xbf], '{\r\n"a": 1\r\n}'), { value: '{\n"a": 1\n}' });
  });
  for (const [what, parts, why] of [
    ['UTF-16', [[0xff, 0xfe], 'a\0'], /UTF-16/],
    ['UTF-16, big endian', [[0xfe, 0xff], '\0a'], /UTF-16/],
    ['Big5', ['"', [0xb7, 0x7c, 0xc4, 0xb3], '"'], /not UTF-8/],
    ['with NUL', ['a\0b'], /not text/],
  ] as const) {
    it(`${what} are refused`, () => {
      const read = text(...(parts as unknown as (string | number[])[]));
      assert.ok('problem' in read);
      assert.match(read.problem, why);
    });
  }
});

describe('broken JSON', () => {
  const bad: [string, number, number, RegExp][] = [
    ['{\n  "a": 1,\n}', 3, 1, /a name in double quotes/],
    ['{"a": 1 "b": 2}', 1, 9, /a comma or }/],
    ['{"a" 1}', 1, 6, /a colon/],
    ['[1, 2', 1, 6, /a comma or ]/],
    ["{'a': 1}", 1, 2, /double quotes/],
    ['{"a": tru}', 1, 7, /a value/],
    ['{"a": 01}', 1, 7, /a value/],
    ['{"a": "x\ny"}', 1, 7, /a value/],
    ['', 1, 1, /a value/],
    ['{} {}', 1, 4, /end of the file/],
    ['[1}', 1, 3, /a comma or ]/],
  ];
  for (const [text, line, column, expected] of bad) {
    it(`${JSON.stringify(text)} is found at ${line}:${column}`, () => {
      const fault = jsonFault(text);
      assert.deepEqual([fault?.line, fault?.column], [line, column]);
      assert.match(fault!.expected, expected);
    });
  }

  it('is what JSON.parse refuses, and nothing else', () => {
    const nearly = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', '\\', '0', 'x', '\n', '.', 'e'),
    );
    const given = fc.oneof(
      fc.json(),
      nearly.map(
        ([text, at, extra]) =>
          text.slice(0, at % (text.length + 1)) + extra + text.slice((at % (text.length + 1)) + (at % 2)),
      ),
      fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ \n0123.eE+-truefalsn') }),
    );
    fc.assert(
      fc.property(given, (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        assert.equal(jsonFault(text) === undefined, parses, text);
      }),
      { numRuns: 3000 },
    );
  });

  it('is told without a piece of it, which may be a password', () => {
    const read = readJson('{"passphrase": "hunter22" oops}');
    assert.ok('problem' in read && !/hunter|oops/.test(read.problem));
  });

  it('as long as a source may be is read', () => {
    const long = 'x'.repeat(2 << 20);
    assert.equal(jsonFault(JSON.stringify([long])), undefined);
    assert.equal(jsonFault(`["${long}`)?.column, 2);
    assert.equal(jsonFault('['.repeat(1 << 20))?.line, 1);
  });
});

describe('a site file', () => {
  it('is asked for its host only: of the rest the daemon is the judge', () => {
    assert.deepEqual(readSiteHost({ walleye_site: 1, cameras: 'nonsense' }), { host: {} });
  });
  for (const [what, site, why] of [
    ['of another version', { walleye_site: 2 }, /walleye_site must be 1/],
    ['without a version', {}, /lacks walleye_site/],
    ['that is a list', [], /object/],
    [
      'with an unknown field',
      { walleye_site: 1, host: { hostnam: 'x' } },
      /host has the unknown field "hostnam"/,
    ],
    [
      'with a wrong type',
      { walleye_site: 1, host: { network: [{ vlan: 'x' }] } },
      /host\.network\[0\]\.vlan must be/,
    ],
    [
      'with a number out of range',
      { walleye_site: 1, host: { network: [{ vlan: 0 }] } },
      /host\.network\[0\]\.vlan/,
    ],
  ] as const) {
    it(`${what} is refused with its place`, () => {
      const read = readSiteHost(site);
      assert.ok('problems' in read);
      assert.match(read.problems.join('\n'), why);
    });
  }
});

describe('a file for systemd-networkd', () => {
  it('is taken with comments, continued lines and empty ones', () => {
    const text = '# mine\n\n[Match]\nName=enp1s0 \\\n  enp2s0\n\n[Network]\nDHCP=yes\n';
    assert.equal(networkdProblem('lan.network', text), undefined);
    assert.equal(networkdProblem('br0.netdev', '[NetDev]\nName=br0\nKind=bridge\n'), undefined);
  });
  for (const [name, text, why] of [
    ['a.network', 'Name=x\n', /line 1 is neither/],
    ['a.network', '[Match]\nName=x\nhello\n', /line 3 is neither/],
    ['a.network', '[Match]\nName=x\n', /needs \[Match\] and \[Network\]/],
    ['a.netdev', '[Match]\nName=x\n[Network]\n', /needs \[NetDev\]/],
    ['a.network', '[Match]\u0001\n', /control/],
  ] as const) {
    it(`is refused: ${JSON.stringify(text)}`, () => assert.match(networkdProblem(name, text) ?? '', why));
  }
  it('has a name that leads nowhere else', () => {
    assert.equal(siteNetworkName('lan.network'), '09-walleye-lan.network');
    for (const name of ['../x.network', '.network', '-x.network', 'a b.network', 'lan.link', 'a\n.network']) {
      assert.equal(siteNetworkName(name), undefined, name);
    }
  });
});
