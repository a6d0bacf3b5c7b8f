import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasFpsMode, parseFfmpegVersion } from '../../daemon/decode/ffmpegVersion.ts';

const libs = (major: number, minor: number) =>
  `built with gcc\nlibavutil      56. 24.101 / 56. 24.101\nlibavcodec     ${major}. ${minor}.100 / ${major}. ${minor}.100\n`;

const table: [string, string, [number, number, boolean]][] = [
  ['Debian 12', `ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026\n${libs(59, 37)}`, [5, 1, true]],
  ['Debian 13', `ffmpeg version 7.1.3-0+deb13u1 Copyright (c)\n${libs(61, 19)}`, [7, 1, true]],
  ['Debian 11', `ffmpeg version 4.3.9-0+deb11u1 Copyright (c)\n${libs(58, 91)}`, [4, 3, false]],
  ['Ubuntu 22.04', `ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c)\n${libs(58, 134)}`, [4, 4, false]],
  [
    'a static release build',
    `ffmpeg version 7.0.2-static https://example.org Copyright (c)\n${libs(61, 3)}`,
    [7, 0, true],
  ],
  [
    'the npm package: straight from git, after 4.1',
    `ffmpeg version N-47683-g0e8eb07980-static https://example.org Copyright (c)\n${libs(58, 42)}`,
    [4, 0, false],
  ],
  [
    'a git build of the 9 branch',
    `ffmpeg version n9.0.2-17-g2a571b6068-20260930 Copyright (c)\n${libs(63, 1)}`,
    [9, 0, true],
  ],
  [
    'a nightly of 6',
    `ffmpeg version N-112515-gb33a5acc26-20231025 Copyright (c)\n${libs(60, 30)}`,
    [6, 0, true],
  ],
  ['a nightly before 5.1', `ffmpeg version N-105000-gabcdef Copyright (c)\n${libs(59, 18)}`, [5, 0, false]],
  [
    'a dated git build',
    `ffmpeg version 2023-01-25-git-2c3107c3e9-full_build Copyright (c)\n${libs(59, 57)}`,
    [5, 1, true],
  ],
];

describe('parseFfmpegVersion', () => {
  for (const [name, output, [major, minor, fpsMode]] of table) {
    it(`reads ${name}`, () => {
      const version = parseFfmpegVersion(output);
      assert.ok(version);
      assert.deepEqual([version.major, version.minor, hasFpsMode(version)], [major, minor, fpsMode]);
    });
  }

  it('refuses what is no ffmpeg', () => {
    assert.equal(parseFfmpegVersion('bash, version 5.2'), undefined);
    assert.equal(parseFfmpegVersion('ffmpeg version N-1-gabc\nno libraries'), undefined);
    assert.equal(parseFfmpegVersion(''), undefined);
  });
});
