import { Compile } from 'typebox/compile';
import { Backup, BackupRequest, Restored, RestoreRequest } from '../../schema.ts';
import { type Contents, readContents } from '../../store/contents.ts';
import { open as openSealed, seal } from '../../system/backupSeal.ts';
import { type App, described, failures } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, answerError } from '../errors.ts';
import { requiredPower } from './power.ts';

const tags = ['system'];
/** Bytes. A thousand cameras with a month of their service record are about two, packed. */
const RESTORE_LIMIT = 32 * 1024 * 1024;

export function backupRoutes(app: App, deps: ApiDeps): void {
  /** Each takes 128 MiB for seconds. */
  let underWay = false;
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (underWay) {
      const message = 'Another backup is being made or restored. Try again in a few seconds.';
      throw new ApiError(409, 'backup_running', message, { retryAfter: 5 });
    }
    underWay = true;
    try {
      return await work();
    } finally {
      underWay = false;
    }
  };

  app.post(
    '/api/system/backup',
    {
      schema: {
        tags,
        summary: 'Everything that was saved, in one file',
        description:
          'Cameras with their passwords, layouts, wall, settings, users, tokens, alarm rules, service record; not who is ' +
          'signed in, not the audit log. Sealed with the passphrase: without it nobody can read the file, not even we.',
        body: BackupRequest,
        response: { 200: described(Backup, 'The file'), ...failures(400, 409, 413, 415, 503) },
      },
    },
    async (request, reply) =>
      alone(async () => {
        const backup = await makeBackup(deps, request.body.passphrase);
        audit(deps, request, 'system.backup');
        const day = new Date(backup.created * 1000).toISOString().slice(0, 10);
        return reply
          .header('Content-Disposition', `attachment; filename="walleye-${day}.walleye"`)
          .header('Cache-Control', 'no-store')
          .send(backup);
      }),
  );

  app.post(
    '/api/system/restore',
    {
      bodyLimit: RESTORE_LIMIT,
      // A wrong file gets a sentence about files, not about fields.
      attachValidation: true,
      errorHandler: (error, request, reply) =>
        answerError('code' in error && error.code === TOO_LARGE ? tooLarge() : error, request, reply),
      schema: {
        tags,
        summary: 'Put back everything that a backup holds',
        description:
          'In the place of all that is here now: all of it or nothing. Everybody has to sign in again, with the backup’s ' +
          'users. The daemon restarts.',
        body: RestoreRequest,
        response: {
          200: described(Restored, 'Restored and saved; the daemon restarts'),
          ...failures(400, 409, 413, 415, 503),
        },
      },
    },
    async (request) => {
      if (request.validationError) throw fileError(request.body) ?? request.validationError;
      const power = requiredPower(deps);
      const { backup, passphrase } = request.body;
      return alone(async () => {
        const contents = await readBackup(backup, passphrase);
        replace(deps, contents);
        audit(deps, request, 'system.restore', null, `of ${new Date(backup.created * 1000).toISOString()}`);
        power.restart();
        return {
          cameras: contents.cameras.length,
          layouts: contents.layouts.length,
          users: contents.users.length,
          created: backup.created,
          restarting: true,
        };
      });
    },
  );
}

async function makeBackup({ store, version }: ApiDeps, passphrase: string): Promise<Backup> {
  const unreadable = store.problems;
  if (unreadable.length > 0) {
    const message = `A backup now would lack passwords. ${unreadable.join(' ')}`;
    throw new ApiError(409, 'passwords_unreadable', message);
  }
  const text = JSON.stringify(store.contents());
  // Found out now, and not on the day when it is needed.
  const check = readContents(text);
  if (!check.ok) throw new Error(`the contents do not fit their own schema at ${check.place}`);
  const { name } = store.settings.settings();
  return seal(text, passphrase, { created: Math.floor(Date.now() / 1000), version, name });
}

/** @throws ApiError 400 */
async function readBackup(backup: Backup, passphrase: string): Promise<Contents> {
  const opened = await openSealed(backup, passphrase);
  if (!opened.ok) {
    if (opened.why === 'damaged') throw damaged();
    const message =
      'The passphrase is not the one of this backup, or the file was changed. Nothing was changed here.';
    throw new ApiError(400, 'wrong_passphrase', message);
  }
  const read = readContents(opened.text);
  if (read.ok) return read.contents;
  throw read.why === 'newer' ? newer(backup.version) : damaged(read.place);
}

/** @throws ApiError 400 for contents that contradict themselves; StoreError for the disk */
function replace({ store, log }: ApiDeps, contents: Contents): void {
  try {
    store.replaceContents(contents);
  } catch (error) {
    const code = error instanceof Error && error.name === 'StoreError' && 'code' in error ? error.code : '';
    if (code !== 'invalid' && code !== 'exists' && code !== 'not_found') throw error;
    log.warn({ err: error }, 'a backup contradicts itself, nothing was restored');
    throw damaged((error as Error).message);
  }
}

/** What is wrong with the file itself; undefined: something else is. */
function fileError(body: unknown): ApiError | undefined {
  const file = typeof body === 'object' && body !== null && 'backup' in body ? body.backup : undefined;
  if (file === undefined) return undefined;
  const format =
    typeof file === 'object' && file !== null && 'walleye_backup' in file ? file.walleye_backup : undefined;
  if (typeof format === 'number' && format > 1) {
    const version = typeof file === 'object' && file && 'version' in file ? String(file.version) : '';
    return newer(version.slice(0, 32));
  }
  if (format !== 1) {
    const message = 'This file is no backup of Walleye. Choose one that System → Backup made (*.walleye).';
    return new ApiError(400, 'not_a_backup', message);
  }
  return whole.Check(file) ? undefined : damaged();
}

const whole = Compile(Backup);

function damaged(place = ''): ApiError {
  const where = place === '' ? '' : ` (${place})`;
  const message = `The backup is damaged${where}: it is not as Walleye wrote it. Use another copy. Nothing was changed here.`;
  return new ApiError(400, 'damaged_backup', message);
}

function newer(version: string): ApiError {
  const message = `The backup was made by a newer Walleye (${version}). Update this box first. Nothing was changed here.`;
  return new ApiError(400, 'newer_backup', message);
}

const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';

function tooLarge(): ApiError {
  const message = `The file is larger than ${RESTORE_LIMIT / 1024 / 1024} MiB, which no backup of Walleye is. Choose another one.`;
  return new ApiError(413, 'body_too_large', message);
}
