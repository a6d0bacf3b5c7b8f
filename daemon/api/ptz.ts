import { cameraNotFound } from '../camera/cameraError.ts';
import { Ptz, PtzCommand } from '../schema.ts';
import { type App, described, failures, IdParams, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const PATH = '/api/cameras/:id/ptz';
const tags = ['cameras'];

/** What changes the camera for everybody, and for good. */
const LASTING: readonly PtzCommand['action'][] = ['set_preset', 'remove_preset'];

/** Moving a camera. */
export function ptzRoutes(app: App, deps: ApiDeps): void {
  const control = (id: string) => {
    if (!deps.cameras.camera(id)) throw cameraNotFound(id);
    if (!deps.ptz) throw new ApiError(409, 'not_supported', 'This camera cannot be moved from here.');
    return deps.ptz;
  };

  app.get(
    PATH,
    {
      schema: {
        tags,
        summary: 'Whether the camera can be moved, and its presets',
        description: 'Asks the camera, and keeps the connection for the command that follows.',
        params: IdParams,
        response: { 200: described(Ptz, 'What it can do'), ...failures(400, 404, 409, 502, 503) },
      },
    },
    async ({ params: { id } }) => control(id).read(id),
  );

  app.post(
    PATH,
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Move the camera',
        description:
          '`move` lasts until `stop`, for `seconds` at most, even if nobody is heard of again; send it again to go on. ' +
          'Whether viewers may is a setting (`viewers_ptz`); presets are made and removed by administrators.',
        params: IdParams,
        body: PtzCommand,
        response: { 204: Nothing, ...failures(400, 403, 404, 409, 413, 415, 502, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const command = request.body;
      if (request.caller.role !== 'admin') refuseViewers(deps, command);
      await control(id).command(id, command);
      if (LASTING.includes(command.action))
        audit(deps, request, `ptz.${command.action}`, id, nameOf(command));
      return reply.code(204).send(null);
    },
  );
}

/** @throws ApiError 403 */
function refuseViewers({ store }: ApiDeps, { action }: PtzCommand): void {
  if (LASTING.includes(action)) {
    const message = 'Only administrators may make and remove presets. Sign in as one, or ask one to do it.';
    throw new ApiError(403, 'admins_only', message);
  }
  if (store.settings.settings().viewers_ptz) return;
  const message =
    'On this wall only administrators may move cameras. One of them can allow it for all under Wall → On the screen.';
  throw new ApiError(403, 'ptz_for_admins', message);
}

function nameOf(command: PtzCommand): string | null {
  if (command.action === 'set_preset') return command.name;
  return command.action === 'remove_preset' ? command.preset : null;
}
