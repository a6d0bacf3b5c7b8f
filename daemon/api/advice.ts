import { cameraNotFound } from '../camera/cameraError.ts';
import { Advice, FixRequest, FixResult, MeasureQuery } from '../schema.ts';
import { type App, described, failures, IdParams } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const PATH = '/api/cameras/:id/advice';
const tags = ['cameras'];

/** What is wrong with a camera's set-up for a wall, and mending it. */
export function adviceRoutes(app: App, deps: ApiDeps): void {
  const commissioning = (id: string) => {
    if (!deps.cameras.camera(id)) throw cameraNotFound(id);
    if (!deps.commissioning)
      throw new ApiError(409, 'not_measurable', 'Cameras cannot be measured from here.');
    return deps.commissioning;
  };

  app.get(
    PATH,
    {
      schema: {
        tags,
        summary: 'What the last measurement found',
        params: IdParams,
        response: { 200: described(Advice, 'The findings'), ...failures(400, 404, 409, 503) },
      },
    },
    async ({ params: { id } }) => commissioning(id).advice(id),
  );

  app.post(
    PATH,
    {
      schema: {
        tags,
        summary: 'Measure the camera',
        description:
          'Opens its streams one after the other for some seconds each, and asks it over ONVIF how it is set up. Takes up ' +
          'to a minute; GET tells when it is done.',
        params: IdParams,
        querystring: MeasureQuery,
        response: {
          202: described(Advice, 'It is under way, or waits for its turn'),
          ...failures(400, 404, 409),
        },
      },
    },
    async ({ params: { id }, query }, reply) => reply.code(202).send(commissioning(id).measure(id, query)),
  );

  app.post(
    '/api/cameras/:id/fix',
    {
      schema: {
        tags,
        summary: 'Set the camera up as the findings say',
        description:
          'Over ONVIF, reading back what the camera made of it; then it is measured again. What cannot be set that way is ' +
          'told in `failed`, with what to do.',
        params: IdParams,
        body: FixRequest,
        response: {
          200: described(FixResult, 'What was changed, before and after'),
          ...failures(400, 404, 409, 413, 415, 502, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const result = await commissioning(id).fix(id, request.body.findings);
      const changes = result.changes.map(({ stream, what, before, after }) =>
        [stream, what, before, '→', after].filter((part) => part !== null).join(' '),
      );
      if (changes.length > 0) audit(deps, request, 'camera.fix', id, changes.join(', '));
      return result;
    },
  );
}
