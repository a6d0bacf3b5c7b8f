/**
 * A network share whose server is gone, or a disk that is dying, answers after a minute or never, and whoever asks it takes a thread of
 * libuv's meanwhile (`UV_THREADPOOL_SIZE`, 16 in walleye.service): logins, names and other files need some too.
 */
import pLimit from 'p-limit';

const WRITERS = 6;
const READERS = 4;

/** What is done to files of recordings; more than some wait for their turn. */
export const toWrite = pLimit(WRITERS);
export const toRead = pLimit(READERS);
