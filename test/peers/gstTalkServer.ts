/** Starts a camera with a loudspeaker that we did not write, gst-rtsp-server with ONVIF's back channel, for one test file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(import.meta.dirname, 'gstTalkServer.py');
/** The distribution's Python: another one in the PATH has no GObject bindings. */
const PYTHON = '/usr/bin/python3';

export interface GstTalkServer {
  url: string;
  /** What came out of the loudspeaker so far: 16 bits at 8 kHz. */
  heard(): Int16Array;
  /** Ends the server; resolves when it is gone. */
  close(): Promise<void>;
}

/** @param login name and password that it wants by Digest */
export async function startGstTalkServer(
  coding: 'pcmu' | 'pcma',
  login: readonly string[] = [],
): Promise<GstTalkServer> {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-talk-'));
  const file = join(folder, 'heard.raw');
  const child = spawn(PYTHON, [SCRIPT, coding, file, ...login], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const [line] = await once(createInterface(child.stdout), 'line');
  const { port } = JSON.parse(line as string) as { port: number };
  return {
    url: `rtsp://127.0.0.1:${port}/camera`,
    heard: () => {
      const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
      return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)));
    },
    close: async () => {
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
