import { descriptionView } from '../camera/views.ts';
import { OnvifDescription, OnvifQuery } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

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
      try {
        const description = await deps.describeOnvif({
          address,
          ...(username ? { username } : {}),
          ...(password ? { password } : {}),
          signal: gone.signal,
        });
        return descriptionView(description);
      } catch (error) {
        // Nobody is there to be answered, and nothing is wrong.
        if (gone.signal.aborted) throw new ApiError(400, 'aborted', 'The client left.');
        throw error;
      }
    },
  );
}
