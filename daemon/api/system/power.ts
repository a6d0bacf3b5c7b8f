import { type Static, Type } from 'typebox';
import { FactoryResetRequest, Update } from '../../schema.ts';
import { type App, described, failures } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

const tags = ['system'];

/** Ending the daemon so that it comes again; `Power` of daemon/system is the one that it does it with. */
export interface PowerSwitch {
  readonly obstacle: string | null;
  restart(): void;
  factoryReset(): void;
}

/** Bringing the box up to date, where it is an appliance. */
export interface Updater {
  status(): Update | Promise<Update>;
  /** @throws with `status` and `code`: not now */
  start(): void | Promise<void>;
}

const Restarting = Type.Object({ restarting: Type.Boolean() });
type Restarting = Static<typeof Restarting>;
const RESTARTING: Restarting = { restarting: true };

export function powerRoutes(app: App, deps: ApiDeps): void {
  app.post(
    '/api/system/restart',
    {
      schema: {
        tags,
        summary: 'Restart the daemon',
        description: 'Cameras are let go in order; the wall is back within seconds.',
        response: { 202: described(Restarting, 'It ends now and comes again'), ...failures(409) },
      },
    },
    async (request, reply) => {
      const power = requiredPower(deps);
      audit(deps, request, 'system.restart');
      power.restart();
      return reply.code(202).send(RESTARTING);
    },
  );

  app.post(
    '/api/system/factory-reset',
    {
      schema: {
        tags,
        summary: 'Remove everything that was saved and begin anew',
        description:
          'Cameras, layouts, users, settings, pictures, keys and certificates. What Walleye did not make itself stays. Once ' +
          'the answer is there it is done, even if the power goes at that moment.',
        body: FactoryResetRequest,
        response: {
          202: described(Restarting, 'It ends now and comes again as a new box'),
          ...failures(400, 409, 413, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const power = requiredPower(deps);
      try {
        power.factoryReset();
      } catch (cause) {
        const message = `The order cannot be written (${(cause as Error).message}), so nothing was removed. Look at free space and rights of the state folder.`;
        throw new ApiError(503, 'io', message, { cause });
      }
      deps.log.warn({ who: request.caller.name, address: request.caller.address }, 'factory reset ordered');
      return reply.code(202).send(RESTARTING);
    },
  );

  app.get(
    '/api/system/update',
    {
      schema: {
        tags,
        summary: 'Which version runs, and whether there is a newer one',
        response: { 200: described(Update, 'The version'), ...failures() },
      },
    },
    async () => deps.updater?.status() ?? notAnAppliance(deps.version),
  );

  app.post(
    '/api/system/update',
    {
      schema: {
        tags,
        summary: 'Bring the box up to date',
        response: { 202: described(Update, 'It has begun'), ...failures(409, 503) },
      },
    },
    async (request, reply) => {
      if (!deps.updater) throw new ApiError(409, 'update_unsupported', NOT_AN_APPLIANCE);
      await deps.updater.start();
      audit(deps, request, 'system.update');
      return reply.code(202).send(await deps.updater.status());
    },
  );
}

/** @throws ApiError 409 when the daemon would not come again */
export function requiredPower({ power }: ApiDeps): PowerSwitch {
  const obstacle = power ? power.obstacle : 'This daemon cannot restart itself: end it and start it again.';
  if (power && obstacle === null) return power;
  throw new ApiError(409, 'not_supervised', obstacle ?? '');
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
