import { type Static, Type } from 'typebox';
import { FactoryResetRequest } from '../../schema.ts';
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
          'Cameras, layouts, users, settings, pictures, keys and certificates. On an appliance all else too that was ever ' +
          'written: host name, network, SSH keys, logs; the machine restarts then. Elsewhere, what Walleye did not make ' +
          'itself stays. Once the answer is there it is done, even if the power goes at that moment.',
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

  app.post(
    '/api/system/reboot',
    {
      schema: {
        tags,
        summary: 'Restart the machine',
        description: 'An appliance only. The wall is back after a minute or two.',
        response: { 202: described(Restarting, 'It restarts in a moment'), ...failures(409, 503) },
      },
    },
    async (request, reply) => {
      if (!deps.updater?.supported) throw new ApiError(409, 'reboot_unsupported', NO_REBOOT);
      deps.updater.reboot();
      audit(deps, request, 'system.reboot');
      return reply.code(202).send(RESTARTING);
    },
  );
}

/** @throws ApiError 409 when the daemon would not come again */
export function requiredPower({ power }: ApiDeps): PowerSwitch {
  const obstacle = power ? power.obstacle : 'This daemon cannot restart itself: end it and start it again.';
  if (power && obstacle === null) return power;
  throw new ApiError(409, 'not_supervised', obstacle ?? '');
}

const NO_REBOOT =
  'This Walleye was not installed as an appliance and may not restart the machine: do it there, or restart Walleye alone.';
