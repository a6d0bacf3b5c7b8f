/** Asks the daemon, as the screen. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { type Door, readDoor, readTold, type Told } from './told.ts';

/** Milliseconds. */
const PATIENCE = 4_000;
const MOST_BYTES = 1024 * 1024;

/** What it says of the screens; undefined: it does not answer, or root has not handed over its address yet. */
export async function askDaemon(script: string): Promise<Told[] | undefined> {
  const door = doorOf(script);
  if (!door) return undefined;
  try {
    return readTold(await fetched(door));
  } catch {
    return undefined;
  }
}

function doorOf(script: string): Door | undefined {
  try {
    return readDoor(readFileSync(script, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Node's `fetch` takes ten megabytes for this. */
function fetched({ token, port }: Door): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { cookie: `walleye_screen=${token}` };
    const signal = AbortSignal.timeout(PATIENCE);
    const request = get({ host: '127.0.0.1', port, path: '/api/system', headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > MOST_BYTES) response.destroy(new Error('too long'));
      });
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(String(response.statusCode))),
      );
    });
    request.on('error', reject);
  });
}
