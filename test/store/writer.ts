/**
 * Run by durability.test.ts as a process of its own: `writer.ts FILE WRITE` makes one writing call and is dead by
 * SIGKILL before the next statement; `writer.ts FILE many` writes and tells each id until somebody kills it.
 */
import { writeSync } from 'node:fs';
import { openStore, type Store } from '../../daemon/store/store.ts';
import { cameraRow, streamRow } from './rows.ts';

export const WRITES: Record<string, (store: Store) => void> = {
  insertCamera: (store) => store.insertCamera(cameraRow('new'), [streamRow('new_main', 'new')]),
  updateCamera: (store) => store.updateCamera('old', { name: 'Changed', password: 'secret' }),
  deleteCamera: (store) => store.deleteCamera('old'),
  insertStream: (store) => store.insertStream(streamRow('old_third', 'old', { position: 2 })),
  updateStream: (store) => store.updateStream('old_main', { enabled: false, fps: 12.5 }),
  deleteStream: (store) => store.deleteStream('old_sub'),
  putLayout: (store) => store.putLayout({ name: 'two', tiles: [] }),
  deleteLayout: (store) => store.deleteLayout('one'),
  putWall: (store) => store.putWall({ sequence: [{ layout: 'one', dwell_seconds: 5 }] }),
};

function main(file: string, write: string): void {
  const { store } = openStore(file);
  for (let n = 0; write === 'many'; n++) {
    store.insertCamera(cameraRow(`c${n}`), [streamRow(`c${n}_main`, `c${n}`)]);
    writeSync(1, `c${n}\n`);
  }
  WRITES[write]!(store);
  process.kill(process.pid, 'SIGKILL');
}

if (import.meta.main) main(process.argv[2]!, process.argv[3]!);
