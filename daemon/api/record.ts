import { cameraNotFound } from '../camera/cameraError.ts';
import { ServiceRecord } from '../schema.ts';
import { type App, described, failures, IdParams } from './app.ts';
import type { ApiDeps } from './deps.ts';

/** How a camera did: a camera that fails a little every day is found here. */
export function recordRoutes(app: App, { cameras, records }: ApiDeps): void {
  app.get(
    '/api/cameras/:id/record',
    {
      schema: {
        tags: ['cameras'],
        summary: 'How the camera did over the last 30 days',
        description:
          'Days in which nobody wanted its pictures are left out. Of failures that follow each other without a ' +
          'picture in between, the first of each kind is kept. Up to this moment; after a power cut the last minute is missing.',
        params: IdParams,
        response: {
          200: described(ServiceRecord, 'The record, the newest first'),
          ...failures(400, 404, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!cameras.camera(id)) throw cameraNotFound(id);
      return records.record(id);
    },
  );
}
