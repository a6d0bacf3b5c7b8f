import { Update } from '../../schema.ts';
import { type App, described, failures, Nothing } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

const tags = ['system'];

/** Bringing the box up to date, where it is an appliance. What cannot be done now is thrown with `status` and `code`. */
export interface Updater {
  /** This is an appliance. */
  readonly supported: boolean;
  status(): Update;
  start(): void;
  check(): void;
  /** Somebody has read that the box went back to the version before. */
  dismiss(): void;
  /** Restarts the machine. */
  reboot(): void;
}

export function updateRoutes(app: App, deps: ApiDeps): void {
  app.get(
    '/api/system/update',
    {
      schema: {
        tags,
        summary: 'Which version runs, whether there is a newer one, how far it has come',
        description:
          'The events socket says `changed: update` whenever this is another answer. `rolled_back` stays until somebody has ' +
          'read it.',
        response: { 200: described(Update, 'The version'), ...failures() },
      },
    },
    async () => (deps.updater?.supported ? deps.updater.status() : notAnAppliance(deps.version)),
  );

  app.post(
    '/api/system/update',
    {
      schema: {
        tags,
        summary: 'Bring the box up to date',
        description:
          'Installs `available` beside the version that runs, restarts the box, and goes back by itself where the new version ' +
          'does not show the tiles that are live now.',
        response: { 202: described(Update, 'It has begun'), ...failures(409, 503) },
      },
    },
    async (request, reply) => {
      const updater = requiredUpdater(deps);
      const { available } = updater.status();
      updater.start();
      audit(deps, request, 'system.update', null, available);
      return reply.code(202).send(updater.status());
    },
  );

  app.post(
    '/api/system/update/check',
    {
      schema: {
        tags,
        summary: 'Look whether there is a newer version',
        description: 'At the source of updates, and on a stick labelled WALLEYE.',
        response: { 202: described(Update, 'It is being looked'), ...failures(409, 503) },
      },
    },
    async (request, reply) => {
      const updater = requiredUpdater(deps);
      updater.check();
      audit(deps, request, 'system.update_check');
      return reply.code(202).send(updater.status());
    },
  );

  app.delete(
    '/api/system/update/notice',
    {
      config: { access: 'attendant' },
      schema: {
        tags,
        summary: 'The notice that the box went back to the version before was read',
        description: 'By an administrator, or by whoever stands at the box’s own screen.',
        response: { 204: Nothing, ...failures(409, 503) },
      },
    },
    async (request, reply) => {
      const updater = requiredUpdater(deps);
      const { rolled_back } = updater.status();
      if (rolled_back) {
        updater.dismiss();
        audit(deps, request, 'system.update_notice', null, rolled_back.version);
      }
      return reply.code(204).send(null);
    },
  );
}

/** @throws ApiError 409 */
function requiredUpdater({ updater }: ApiDeps): Updater {
  if (updater?.supported) return updater;
  throw new ApiError(409, 'update_unsupported', NOT_AN_APPLIANCE);
}

const NOT_AN_APPLIANCE =
  'This Walleye was not installed as an appliance, so it does not update itself: update it the way it was installed.';

function notAnAppliance(version: string): Update {
  return {
    supported: false,
    version,
    available: null,
    checked: null,
    state: 'idle',
    progress: null,
    message: NOT_AN_APPLIANCE,
    source: null,
    rolled_back: null,
  };
}
