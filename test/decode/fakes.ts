/** Programs in ffmpeg's place, for what a real ffmpeg does only when it is sick. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FfmpegBinary } from '../../daemon/decode/ffmpegChoice.ts';
import type { DecodeChoice } from '../../daemon/decode/hwaccel.ts';
import type { Sandbox } from '../../daemon/decode/sandbox.ts';

/** A shell script that is there until the test ends. */
export async function makeScript(t: TestContext, body: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'walleye-decode-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'ffmpeg');
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

export function binaryAt(path: string, changes: Partial<FfmpegBinary> = {}): FfmpegBinary {
  return {
    path,
    source: 'configured',
    version: '5.1',
    release: { text: '5.1', major: 5, minor: 1 },
    hwaccels: [],
    decoders: new Set(['h264']),
    encoders: new Set(['mjpeg']),
    filters: new Set(['scale']),
    warning: null,
    ...changes,
  };
}

/** No sandbox at all: the script runs as it is. */
export const bare: Sandbox = {
  kind: 'plain',
  network: false,
  files: false,
  warning: null,
  wrap: (command, args) => [command, [...args]],
};

export const software: DecodeChoice = {
  chosen: 'software',
  device: null,
  env: {},
  reason: 'test',
  codecs: ['h264', 'hevc'],
  candidates: [],
};
