/** Starts gst-rtsp-server with sound, an RTSP server that we did not write, for one test file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(import.meta.dirname, 'gstAudioServer.py');
/** The distribution's Python: another one in the PATH has no GObject bindings. */
const PYTHON = '/usr/bin/python3';

export interface GstAudioServer {
  url(name: string): string;
  /** Ends the server; resolves when it is gone. */
  close(): Promise<void>;
}

/** `paths`: the GStreamer elements of the sound by the path's name; their payloader is called pay1. */
export async function startGstAudioServer(paths: Readonly<Record<string, string>>): Promise<GstAudioServer> {
  const named = Object.entries(paths).map(([name, elements]) => `${name}=${elements}`);
  const child = spawn(PYTHON, [SCRIPT, ...named], { stdio: ['pipe', 'pipe', 'pipe'] });
  const gone = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (text) => {
    errors = (errors + text).slice(-4000);
  });
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) =>
      resolve((JSON.parse(line) as { port: number }).port),
    );
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`gst-rtsp-server ended with ${code}: ${errors}`)));
  });
  return {
    url: (name) => `rtsp://127.0.0.1:${port}/${name}`,
    close: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
