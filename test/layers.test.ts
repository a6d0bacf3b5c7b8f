/** The import rule and the house rules, on this very checkout. The rules themselves: houseRules.ts. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cyclesOf, faultsOf, IO_FILES, importsOf, LEAVES, SPAWNING_FILES } from './houseRules.ts';

const root = join(import.meta.dirname, '..');
const FOLDERS = ['daemon', 'image', 'kiosk-ui', 'scripts', 'test'];
/** What tools and people look for at the root; dot files besides. */
const FILES = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'biome.json',
  'package-lock.json',
  'package.json',
  'tsconfig.build.json',
  'tsconfig.json',
];

const sources = new Map(
  ['daemon', 'kiosk-ui'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`)
      .filter((path) => /\.tsx?$/.test(path) && !/(^|\/)(dist|node_modules)\//.test(path))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const),
  ),
);
const none = (faults: string[]) => assert.equal(faults.join('\n'), '');

describe('the sources', () => {
  it('keep the house rules', () => {
    assert.ok(sources.size > 20, 'the sources were not found');
    none([...sources].flatMap(([path, source]) => faultsOf(path, source)));
  });

  it('import only files that are there, and never in a circle', () => {
    const missing = [...sources].flatMap(([path, source]) =>
      importsOf(path, source)
        .filter(({ to, ours }) => ours && !existsSync(join(root, to)))
        .map(({ to }) => `${path} imports ${to}, which is not there`),
    );
    none([...missing, ...cyclesOf(sources)]);
  });

  it('need every exception that the rules name', () => {
    const does = (path: string, module: RegExp) =>
      importsOf(path, sources.get(path) ?? '').some(({ to, typeOnly }) => !typeOnly && module.test(to));
    const stale = [
      ...Object.keys(IO_FILES).filter((path) => !does(path, /^node:/)),
      ...SPAWNING_FILES.filter((path) => !does(path, /^node:child_process$/)),
      ...LEAVES.filter((path) => !sources.has(path)),
    ];
    none(stale.map((path) => `${path} needs no exception any more: take it out of test/houseRules.ts`));
  });

  it('lie in the agreed folders, and at the root only what tools insist on', () => {
    const names = readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules');
    const extra = names.filter((name) => {
      const agreed = statSync(join(root, name)).isDirectory() ? FOLDERS : FILES;
      return !agreed.includes(name);
    });
    none(
      extra.map(
        (name) => `${name} at the root: top-level folders are ${FOLDERS.join(', ')}; find its place in one`,
      ),
    );
  });
});

describe('the rules find', () => {
  const wrong: [string, string, string, RegExp][] = [
    [
      'a stage that imports another',
      'daemon/ingest/a.ts',
      "import { b } from '../decode/b.ts';",
      /never one another/,
    ],
    [
      '… its types only',
      'daemon/fanout/a.ts',
      "import type { B } from '../store/b.ts';",
      /never one another/,
    ],
    [
      '… over several lines',
      'daemon/store/a.ts',
      "import {\n  b,\n  c,\n} from '../system/b.ts';",
      /never one another/,
    ],
    ['… by re-export', 'daemon/decode/a.ts', "export * from '../ingest/b.ts';", /never one another/],
    ['… on demand', 'daemon/decode/a.ts', "const b = await import('../ingest/b.ts');", /never one another/],
    ['… for its side effect', 'daemon/decode/a.ts', "import '../ingest/b.ts';", /never one another/],
    [
      'a stage that imports camera',
      'daemon/ingest/a.ts',
      "import { b } from '../camera/b.ts';",
      /never one another/,
    ],
    [
      'root’s part that imports the daemon’s',
      'daemon/host/a.ts',
      "import { b } from '../system/config.ts';",
      /never one another/,
    ],
    [
      'the daemon importing root’s part',
      'daemon/system/a.ts',
      "import { b } from '../host/b.ts';",
      /never one another/,
    ],
    ['what root writes made where files are', 'daemon/host/x.ts', "import { open } from 'node:fs';", /pure/],
    [
      'what client and server share importing one of them',
      'daemon/rtsp/a.ts',
      "import { b } from '../ingest/b.ts';",
      /never one another/,
    ],
    ['others speaking RTSP', 'daemon/store/a.ts', "import { b } from '../rtsp/b.ts';", /never one another/],
    ['a leaf that imports', 'daemon/frame.ts', "import { b } from './schema.ts';", /leaves/],
    [
      'camera that imports api',
      'daemon/camera/a.ts',
      "import { b } from '../api/b.ts';",
      /nothing above itself/,
    ],
    ['anybody who imports main', 'daemon/api/a.ts', "import { b } from '../main.ts';", /composition root/],
    [
      'the daemon importing a test',
      'daemon/main.ts',
      "import { b } from '../test/virtual-camera/b.ts';",
      /without/,
    ],
    ['a new layer', 'daemon/other/a.ts', "import { b } from '../camera/b.ts';", /no known layer/],
    [
      'pages that take values',
      'kiosk-ui/wall/a.ts',
      "import { Tile } from '../../daemon/schema.ts';",
      /import type/,
    ],
    [
      'pages that take another type',
      'kiosk-ui/a.ts',
      "import type { F } from '../daemon/frame.ts';",
      /import type/,
    ],
    ['a parser with a socket', 'daemon/ingest/rtp.ts', "import { connect } from 'node:net';", /pure/],
    ['a parser with files', 'daemon/decode/x.ts', "import { readFile } from 'node:fs/promises';", /pure/],
    ['a second spawner', 'daemon/api/a.ts', "import { spawn } from 'node:child_process';", /one owner/],
    ['process.env', 'daemon/api/a.ts', 'const port = process.env.PORT;', /config\.ts/],
    ['process.env in a page', 'kiosk-ui/a.ts', 'const port = process.env;', /config\.ts/],
    ['a long file', 'daemon/ingest/a.ts', 'x;\n'.repeat(401), /401 lines/],
    ['a utils file', 'daemon/ingest/utils.ts', '', /after what it does/],
  ];
  for (const [what, path, source, why] of wrong) {
    it(what, () => {
      const faults = faultsOf(path, source);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0]!, why);
    });
  }

  it('a circle, but not one of types', () => {
    const circle = new Map([
      ['daemon/camera/a.ts', "import { b } from './b.ts';"],
      ['daemon/camera/b.ts', "import { c } from './c.ts';"],
      ['daemon/camera/c.ts', "import { a } from './a.ts';"],
    ]);
    assert.deepEqual(cyclesOf(circle), [
      'daemon/camera/a.ts → daemon/camera/b.ts → daemon/camera/c.ts → daemon/camera/a.ts',
    ]);
    circle.set('daemon/camera/c.ts', "import type { a } from './a.ts';");
    assert.deepEqual(cyclesOf(circle), []);
  });
});

describe('the rules allow', () => {
  const right: [string, string, string][] = [
    [
      'a stage its own files and the leaves',
      'daemon/ingest/a.ts',
      "import { b } from './b.ts';\nimport type { F } from '../frame.ts';",
    ],
    [
      'client and server of RTSP what they share',
      'daemon/restream/a.ts',
      "import { b } from '../rtsp/b.ts';\nimport { c } from '../nal/c.ts';",
    ],
    ['camera the stages', 'daemon/camera/a.ts', "import { b } from '../decode/b.ts';"],
    [
      'api camera and the stages',
      'daemon/api/a.ts',
      "import { b } from '../camera/b.ts';\nimport { c } from '../store/c.ts';",
    ],
    ['the command line root’s part', 'daemon/system/cli/a.ts', "import { b } from '../../host/b.ts';"],
    ['main everything', 'daemon/main.ts', "import { b } from './api/b.ts';\nconst e = process.env;"],
    [
      'pages the types of the schema',
      'kiosk-ui/wall/a.ts',
      "import type { Tile } from '../../daemon/schema.ts';",
    ],
    ['types of I/O in pure files', 'daemon/fanout/a.ts', "import type { ServerResponse } from 'node:http';"],
    [
      'a comment to say anything',
      'daemon/api/a.ts',
      "// import { x } from '../main.ts'; process.env\n/* process.env */",
    ],
    ['four hundred lines', 'daemon/ingest/a.ts', 'x;\n'.repeat(400)],
  ];
  for (const [what, path, source] of right) it(what, () => none(faultsOf(path, source)));
});
