import { OnvifDescription, OnvifQuery } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';

/** Looks at a camera over ONVIF without adding it. */
export function onvifRoutes(app: App, deps: ApiDeps): void {
  app.post(
    '/api/onvif',
    {
      schema: {
        tags: ['discovery'],
        summary: 'Ask a camera about itself over ONVIF',
        description: 'Nothing is saved. Stream addresses come without credentials, their host repaired.',
        body: OnvifQuery,
        response: {
          200: described(OnvifDescription, 'What the camera says'),
          ...failures(400, 413, 415, 502),
        },
      },
    },
    async (request, reply) => {
      const { address, username, password } = request.body;
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      return deps.describeOnvif({
        address,
        ...(username ? { username } : {}),
        ...(password ? { password } : {}),
        signal: gone.signal,
      });
    },
  );
}
