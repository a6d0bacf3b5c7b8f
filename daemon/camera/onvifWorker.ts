/** The thread that onvifThread.ts starts; see there why. */
import { parentPort, workerData } from 'node:worker_threads';
import { readDescription } from './onvifDescription.ts';
import { setClock, setEncoder } from './onvifEncoder.ts';
import { OnvifError } from './onvifError.ts';
import type { JobReply, JobRequest, OnvifJob, OnvifJobs } from './onvifJobs.ts';
import { askKeyPicture } from './onvifKeyPicture.ts';
import { OnvifPtz } from './onvifPtz.ts';
import { rebootCamera } from './onvifReboot.ts';
import { findMediaServices, findService, type OnvifTarget } from './onvifServices.ts';
import { OnvifSession } from './onvifSession.ts';

/** Milliseconds for one call on a warm connection: a camera that takes longer has stopped answering. */
const CALL_TIMEOUT = 3_000;
/** Of a connection that was refused although it had worked: its clock may have changed by a reboot (discover/README, case 23). */
const LOGINS_AGAIN = 3;

const target = workerData as OnvifTarget;

/** One session to the camera, logged in and its services found, kept from job to job. */
interface Connection {
  readonly session: OnvifSession;
  readonly path: string;
  ptz?: Promise<OnvifPtz>;
  /** A job on it was done: its login is right. */
  worked?: true;
}
let kept: Promise<Connection> | undefined;

async function connect(logins: number | undefined): Promise<Connection> {
  const address = await findService(target);
  const session = new OnvifSession({ ...target, address, callTimeout: CALL_TIMEOUT, logins });
  await session.contact();
  await findMediaServices(session, address.path);
  return { session, path: address.path };
}

/** Does a job on the kept connection; once again on a new one when the login is refused that worked before. */
async function connected<T>(job: (connection: Connection) => Promise<T>): Promise<T> {
  kept ??= connect(target.logins);
  const used = kept;
  const forget = () => {
    if (kept === used) kept = undefined;
  };
  const connection = await used.catch((error: unknown) => {
    forget();
    throw error;
  });
  try {
    const answer = await job(connection);
    connection.worked = true;
    return answer;
  } catch (error) {
    if (!(error instanceof OnvifError) || error.code !== 'refused') throw error;
    forget();
    if (!connection.worked) throw error;
    kept ??= connect(LOGINS_AGAIN);
    return job(await kept);
  }
}

const ptzOf = (connection: Connection, profiles: readonly string[]): Promise<OnvifPtz> => {
  connection.ptz ??= OnvifPtz.open(connection.session, connection.path, profiles).catch((error: unknown) => {
    delete connection.ptz;
    throw error;
  });
  return connection.ptz;
};

const jobs: { [K in OnvifJob]: (ask: OnvifJobs[K]['ask']) => Promise<OnvifJobs[K]['answer']> } = {
  describe: () => readDescription(target),
  ptz: ({ profiles }) => connected(async (connection) => (await ptzOf(connection, profiles)).read()),
  ptz_command: ({ profiles, command }) =>
    connected(async (connection) => (await ptzOf(connection, profiles)).command(command)),
  set_encoder: ({ profile, wish }) => connected(({ session }) => setEncoder(session, profile, wish)),
  key_picture: ({ profile }) =>
    connected(async ({ session }) => {
      await askKeyPicture(session, profile);
      return undefined;
    }),
  reboot: () => connected(({ session }) => rebootCamera(session)),
  set_clock: () => connected(({ session }) => setClock(session)),
};

parentPort?.on('message', async ({ id, job, ask }: JobRequest) => {
  let reply: JobReply;
  try {
    reply = { id, answer: await jobs[job](ask as never) };
  } catch (error) {
    // Anything else is a bug, or the library's: it ends the thread, and every job with it.
    if (!(error instanceof OnvifError)) throw error;
    reply = { id, code: error.code, message: error.message, place: error.place };
  }
  parentPort?.postMessage(reply);
});
