import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isEntryOf } from '../../../daemon/host/update/bootEntry.ts';
import { sourcePattern, withSource } from '../../../daemon/host/update/definition.ts';
import { assignmentsOf, wholeNumber } from '../../../daemon/host/update/environment.ts';
import { verdictOf } from '../../../daemon/host/update/signature.ts';
import { offersOf, sumsOf } from '../../../daemon/host/update/sums.ts';
import {
  availableOf,
  detailsOf,
  progressOf,
  reasonOf,
  versionsOf,
  withoutSecrets,
} from '../../../daemon/host/update/sysupdateOutput.ts';
import { compareVersions, newestFirst } from '../../../daemon/host/update/version.ts';
import { analyze, analyzeMissing } from '../../image/unitFiles.ts';

const DEFINITIONS = join(import.meta.dirname, '../../../image/mkosi.extra/usr/lib/sysupdate.d');
const definitions = readdirSync(DEFINITIONS)
  .sort()
  .map((name) => readFileSync(join(DEFINITIONS, name), 'utf8'));

describe('versions', () => {
  it('are ordered as the specification’s list has them', () => {
    const list = [
      '122.1',
      '123~rc1-1',
      '123',
      '123-a',
      '123-a.1',
      '123-1',
      '123-1.1',
      '123^post1',
      '123.a-1',
      '123.1-1',
      '123a-1',
      '124-1',
    ];
    assert.deepEqual(newestFirst(list.toReversed()), list.toReversed());
  });

  it('compare numbers as numbers, of any length', () => {
    assert.ok(compareVersions('0.10.0', '0.9.9') > 0);
    assert.ok(compareVersions(`1.${'9'.repeat(60)}`, `1.1${'0'.repeat(60)}`) < 0);
    assert.equal(compareVersions('1.02', '1.2'), 0);
  });

  it('are ordered as systemd itself orders them', { skip: analyzeMissing }, () => {
    const text = fc.stringMatching(/^[0-9a-bA~^.-]{1,8}$/);
    fc.assert(
      fc.property(text, text, (a, b) => {
        const { status } = analyze('compare-versions', '--', a, b);
        const theirs = { 0: 0, 11: 1, 12: -1 }[status ?? -1];
        assert.equal(Math.sign(compareVersions(a, b)), theirs, `${a} and ${b}`);
      }),
      { numRuns: 60 },
    );
  });

  it('of any text are compared in bounded time, and both ways alike', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0);
      }),
    );
  });
});

describe('environment files', () => {
  it('are read with quotes, comments and the last of two', () => {
    const read = assignmentsOf(`# A=1\nA=2\nB='a b'\nC="x\\"y"\n D=  e \nnothing\nA=3\n`);
    assert.deepEqual(Object.fromEntries(read), { A: '3', B: 'a b', C: 'x"y', D: 'e' });
  });

  it('give a number only within its bounds', () => {
    const bounds = { least: 10, most: 20, otherwise: 15 };
    for (const [text, number] of [
      ['12', 12],
      ['9', 15],
      ['21', 15],
      ['1e1', 15],
      ['-12', 15],
      [undefined, 15],
    ] as const)
      assert.equal(wholeNumber(text, bounds), number);
  });
});

describe('definitions of systemd-sysupdate', () => {
  it('get the site’s source, in [Source] only, with % doubled', () => {
    for (const text of definitions) {
      const written = withSource(text, 'https://updates.example/a%20b/');
      assert.match(written, /\[Source\][^[]*^Path=https:\/\/updates\.example\/a%%20b\/$/m);
      const target = (definition: string) => definition.slice(definition.indexOf('[Target]'));
      assert.equal(target(written), target(text));
    }
  });

  it('say which files a version has', () => {
    const patterns = definitions.map((text) => sourcePattern(text)!);
    const names = [
      'walleye_1.2~rc1.usr-x86-64-verity.2d46d15414febf10a8de23b550c6359e.raw.xz',
      'walleye_1.2~rc1.usr-x86-64.b9ba4e0a2c1bfc3960613dcf565548b1.raw.xz',
      'walleye_1.2~rc1.efi',
    ];
    assert.deepEqual(
      patterns.map((pattern, index) => pattern.exec(names[index]!)?.[1]),
      ['1.2~rc1', '1.2~rc1', '1.2~rc1'],
    );
    assert.equal(patterns[0]!.exec('walleye_1.usr-x86-64-verity.zz.raw.xz'), null);
    assert.equal(patterns[2]!.exec('walleye_1xefi'), null);
  });

  it('name nothing that systemd 257 cannot unpack', () => {
    for (const text of definitions) assert.doesNotMatch(text, /^MatchPattern=.*\.(zst|lz4)$/m);
  });
});

describe('SHA256SUMS', () => {
  const sum = 'a'.repeat(64);
  const patterns = [/^w_([0-9.]+)\.a$/, /^w_([0-9.]+)\.b$/];

  it('is read as sha256sum writes it, or not at all', () => {
    assert.deepEqual(
      [...sumsOf(`${sum}  a\n${sum.toUpperCase()} *b\n`)!],
      [
        ['a', sum],
        ['b', sum],
      ],
    );
    for (const bad of [
      `${sum}  a`,
      `${sum}  a/b\n`,
      `\\${sum}  a\n`,
      `${sum}  a\nx\n`,
      `${sum} a\n`,
      '',
      `${sum}  ..\n`,
    ])
      assert.equal(sumsOf(bad), undefined, JSON.stringify(bad));
  });

  it('offers versions that are complete, the newest first', () => {
    const names = ['w_1.a', 'w_1.b', 'w_10.a', 'w_2.b', 'w_2.a', 'readme'];
    const offers = offersOf(new Map(names.map((name) => [name, sum])), patterns);
    assert.deepEqual(
      offers.map(({ version, files }) => [version, files.map(({ name }) => name)]),
      [
        ['2', ['w_2.a', 'w_2.b']],
        ['1', ['w_1.a', 'w_1.b']],
      ],
    );
    assert.deepEqual(offersOf(new Map([['w_1.a', sum]]), []), [], 'nothing where nothing is asked for');
  });
});

describe('what systemd-sysupdate says', () => {
  it('becomes percent of the whole, the large partition the most of it', () => {
    assert.equal(progressOf('<31>Transfer 1/3 is 100% complete (33% overall).'), 3);
    assert.equal(progressOf('<31>Transfer 2/3 is 50% complete (50% overall).'), 42);
    assert.equal(progressOf('<31>Transfer 3/3 is 100% complete (100% overall).'), 100);
    assert.equal(progressOf('<31>Transfer 2/4 is 50% complete (37% overall).'), 37);
    assert.equal(
      progressOf("<30>Successfully installed 'http://x/y' (url-file) as '/dev/sda4' (partition)."),
      'installing',
    );
    assert.equal(progressOf('< HTTP/1.1 200 OK'), undefined);
    fc.assert(
      fc.property(fc.string(), (line) => {
        progressOf(line);
        reasonOf(line);
      }),
    );
  });

  it('becomes a sentence: its first error, and what that means', () => {
    const reason = reasonOf(
      '<30>fine\n> Authorization: Basic c2VjcmV0\n<27>DOWNLOAD INVALID: Signature verification failed.\n<27>Failed to list\n',
    );
    assert.equal(
      reason,
      'The source’s files are not signed with this image’s key (DOWNLOAD INVALID: Signature verification failed.)',
    );
    assert.equal(reasonOf('<27>Odd.\n<27>Because of it.\n'), 'The update failed: Odd.');
    assert.doesNotMatch(reasonOf('> Authorization: Basic c2VjcmV0'), /c2Vj/);
  });

  it('keeps no password of an address', () => {
    assert.equal(
      withoutSecrets('of https://u:p@ss@host/a and http://x@y:1/'),
      'of https://host/a and http://y:1/',
    );
  });

  it('is JSON of versions, or nothing', () => {
    assert.equal(availableOf('{"available":"2"}'), '2');
    assert.equal(availableOf('{"available":null}'), null);
    for (const odd of ['', '{}', '[]', '{"available":"../x"}', '{"available":7}'])
      assert.equal(availableOf(odd), undefined);
    assert.deepEqual(versionsOf('{"all":["2","a b",3]}'), ['2']);
    assert.deepEqual(detailsOf('{"available":true,"installed":false,"x":1}'), {
      available: true,
      installed: false,
      incomplete: false,
    });
    assert.equal(detailsOf('null'), undefined);
  });
});

describe('gpg’s verdict', () => {
  const good = '[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1 x\n[GNUPG:] VALIDSIG ABC 2026\n';
  it('is good only where there is one good signature and nothing else', () => {
    assert.equal(verdictOf(good), undefined);
    for (const bad of [
      '',
      good + good,
      `${good}[GNUPG:] BADSIG 1 x`,
      `${good}[GNUPG:] ERRSIG 1`,
      `${good}[GNUPG:] REVKEYSIG 1`,
      `${good}[GNUPG:] EXPSIG 1`,
    ])
      assert.equal(typeof verdictOf(bad), 'string', bad);
  });
});

describe('the entry of a version in the boot menu', () => {
  it('is known with its counters and without', () => {
    for (const name of ['walleye_2.efi', 'walleye_2+3.efi', 'walleye_2+0-3.efi'])
      assert.ok(isEntryOf(name, '2'), name);
    for (const name of ['walleye_2.1.efi', 'walleye_2+x.efi', 'xwalleye_2.efi', 'walleye_2.efi.bak'])
      assert.ok(!isEntryOf(name, '2'), name);
  });
});
