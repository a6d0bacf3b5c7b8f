import { basename, dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import { Type } from 'typebox';
import type { Segment } from '../record/segmentIndex.ts';
import {
  Name,
  type Recording,
  RecordingList,
  RecordingPatch,
  Recording as RecordingSchema,
  RecordingSettings,
  RecordingStatus,
} from '../schema.ts';
import { type App, Binary, described, failures, IdParams, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const tags = ['recordings'];
const NumberParams = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const ListQuery = Type.Object(
  {
    camera: Type.Optional(Name),
    from: Type.Optional(Type.Number({ description: 'Unix seconds: those that have something from then on' })),
    to: Type.Optional(Type.Number({ description: 'Unix seconds: … and before then' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Default 200' })),
    newest: Type.Optional(Type.Boolean({ description: 'The newest first' })),
  },
  { additionalProperties: false },
);
const DEFAULT_LIMIT = 200;

/** Which cameras are recorded, and what there is. */
export async function recordingRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { recordings } = deps;
  if (!recordings) return;
  // Ranges, so that players can jump; files are given out by the route below only.
  await app.register(fastifyStatic, { root: '/', serve: false });

  const required = (id: number): Segment => {
    const segment = recordings.get(id);
    if (segment) return segment;
    throw new ApiError(
      404,
      'recording_not_found',
      `There is no recording ${id}. GET /api/recordings lists them.`,
    );
  };

  app.get(
    '/api/recordings',
    {
      schema: {
        tags,
        summary: 'Recordings, minute by minute',
        querystring: ListQuery,
        response: { 200: described(RecordingList, 'Those that are asked for'), ...failures(400, 503) },
      },
    },
    async ({ query: { camera, from, to, limit = DEFAULT_LIMIT, newest } }) => {
      const milliseconds = (seconds: number | undefined) =>
        seconds === undefined ? undefined : seconds * 1000;
      const found = recordings.find({
        ...{ camera, limit, newest },
        from: milliseconds(from),
        until: milliseconds(to),
      });
      return { total: found.length, recordings: found.map(recordingOf) };
    },
  );

  app.get(
    '/api/recordings/settings',
    {
      schema: {
        tags,
        summary: 'Which cameras are recorded, and for how long',
        response: { 200: described(RecordingSettings, 'The settings'), ...failures(503) },
      },
    },
    async () => recordings.settings,
  );

  app.put(
    '/api/recordings/settings',
    {
      schema: {
        tags,
        summary: 'Set which cameras are recorded, and for how long',
        description:
          'Takes effect at once. What is too old or too much by the new rules is deleted at once, too. Where the disk of the ' +
          'folder is missing (problem `folder_unmounted`), the very same settings again mean the folder as it is.',
        body: RecordingSettings,
        response: { 200: described(RecordingSettings, 'Saved'), ...failures(400, 413, 415, 503) },
      },
    },
    async (request) => {
      await recordings.putSettings(request.body);
      audit(deps, request, 'recording.settings');
      return recordings.settings;
    },
  );

  app.get(
    '/api/recordings/status',
    {
      schema: {
        tags,
        summary: 'What is being recorded, and whether the disk takes it',
        response: { 200: described(RecordingStatus, 'Now'), ...failures(503) },
      },
    },
    async () => recordings.status(),
  );

  for (const [verb, summary] of [
    ['start', 'Record a camera now, on top of its mode'],
    ['stop', 'End what was started by hand'],
  ] as const) {
    app.post(
      `/api/recordings/cameras/:id/${verb}`,
      {
        schema: {
          tags,
          summary,
          params: IdParams,
          response: { 200: described(RecordingStatus, 'Now'), ...failures(400, 404, 409, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        await recordings[verb](id);
        audit(deps, request, `recording.${verb}`, id);
        return recordings.status();
      },
    );
  }

  app.get(
    '/api/recordings/:id',
    {
      schema: {
        tags,
        summary: 'One recording',
        params: NumberParams,
        response: { 200: described(RecordingSchema, 'The recording'), ...failures(400, 404, 503) },
      },
    },
    async (request) => recordingOf(required(request.params.id)),
  );

  app.patch(
    '/api/recordings/:id',
    {
      schema: {
        tags,
        summary: 'Keep a recording whatever the rules say, or no longer',
        params: NumberParams,
        body: RecordingPatch,
        response: { 200: described(RecordingSchema, 'Saved'), ...failures(400, 404, 413, 415, 503) },
      },
    },
    async (request) => {
      const segment = required(request.params.id);
      const { id } = segment;
      await recordings.protect(segment, request.body.protected);
      audit(deps, request, request.body.protected ? 'recording.protect' : 'recording.unprotect', String(id));
      return recordingOf(required(id));
    },
  );

  app.delete(
    '/api/recordings/:id',
    {
      schema: {
        tags,
        summary: 'Delete a recording',
        params: NumberParams,
        response: { 204: Nothing, ...failures(400, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const segment = required(request.params.id);
      if (segment.open)
        throw new ApiError(
          409,
          'recording_open',
          'It is being written. Stop the recording, or wait a minute.',
        );
      await recordings.remove(segment);
      audit(deps, request, 'recording.delete', segment.path);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/recordings/:id/media.mp4',
    {
      config: { ticket: true },
      schema: {
        tags,
        summary: 'The recording itself',
        description: 'Fragmented MP4, as the camera coded it; ranges can be asked for.',
        params: NumberParams,
        response: {
          200: { description: 'All of it', content: { 'video/mp4': { schema: Binary } } },
          206: { description: 'The range', content: { 'video/mp4': { schema: Binary } } },
          ...failures(400, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const path = recordings.pathOf(required(request.params.id));
      return reply.sendFile(basename(path), dirname(path), { cacheControl: false });
    },
  );
}

function recordingOf({ path, from, until, ...rest }: Segment): Recording {
  return { ...rest, from: from / 1000, to: until / 1000 };
}
