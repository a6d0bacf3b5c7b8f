import type { Remuxer } from '../../daemon/ingest/remux/remuxer.ts';

/** For sessions that need none. */
export const noRemuxer: Promise<Remuxer> = Promise.resolve(() => {
  throw new Error('nothing is to be remuxed here');
});
