import { CameraReboot } from '../schema.ts';
import { type App, described, failures, IdParams } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';

export function cameraRebootRoutes(app: App, deps: ApiDeps): void {
  app.post(
    '/api/cameras/:id/reboot',
    {
      schema: {
        tags: ['cameras'],
        summary: 'Restart the camera',
        description: 'Over ONVIF. Answers when the camera was told: it is away for a minute or two then.',
        params: IdParams,
        response: { 200: described(CameraReboot, 'It was told'), ...failures(400, 404, 409, 502, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const answer = await deps.reboots.reboot(id);
      audit(deps, request, 'camera.reboot', id);
      return answer;
    },
  );
}
