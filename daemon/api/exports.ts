import { basename, dirname } from 'node:path';
import { Type } from 'typebox';
import { Export, ExportAsk, ExportList } from '../schema.ts';
import { type App, Binary, described, failures, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { checkRange, MOST_HOURS } from './playback.ts';

const tags = ['recordings'];
const HOUR = 3600;
const ExportParams = Type.Object({
  id: Type.String({
    pattern: '^[A-Za-z0-9-]{1,64}$',
    description: 'As GET /api/recordings/exports tells it',
  }),
});

/** Films of recordings, for taking away: made in the background, each with a statement of its origin. */
export function exportRoutes(app: App, deps: ApiDeps): void {
  const { exports } = deps;
  if (!exports) return;

  app.post(
    '/api/recordings/exports',
    {
      schema: {
        tags,
        summary: 'Make a film of a range',
        description:
          'For administrators. One MP4 of the camera’s own bits, with its index in front, at most ' +
          `${MOST_HOURS} hours. With cut \`exact\` an edit list tells players to begin with the picture that was shown at ` +
          '`from`; one that passes over edit lists shows up to 15 seconds before it. Made one after the other; kept for ' +
          'seven days, and twenty of them at the most.',
        body: ExportAsk,
        response: { 201: described(Export, 'It will be made'), ...failures(400, 404, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { camera, from, to, cut } = request.body;
      checkRange(from, to, MOST_HOURS * HOUR);
      const made = await exports.add(request.body, request.caller.name);
      audit(deps, request, 'recording.export', camera, `${span(from, to)}, ${cut}, ${made.id}`);
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/api/recordings/exports',
    {
      schema: {
        tags,
        summary: 'Films that are made, or being made',
        response: { 200: described(ExportList, 'The newest first'), ...failures(503) },
      },
    },
    async () => ({ exports: exports.list() }),
  );

  app.get(
    '/api/recordings/exports/:id',
    {
      schema: {
        tags,
        summary: 'How far a film is',
        params: ExportParams,
        response: { 200: described(Export, 'The film'), ...failures(400, 404, 503) },
      },
    },
    async ({ params: { id } }) => exports.get(id),
  );

  app.delete(
    '/api/recordings/exports/:id',
    {
      schema: {
        tags,
        summary: 'Delete a film, or give it up',
        description: 'For administrators. The recordings stay.',
        params: ExportParams,
        response: { 204: Nothing, ...failures(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { camera, from, to } = exports.get(id);
      exports.remove(id);
      audit(deps, request, 'recording.export.delete', camera, `${span(from, to)}, ${id}`);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/recordings/exports/:id/media.mp4',
    {
      config: { ticket: true },
      schema: {
        tags,
        summary: 'The film, to be saved',
        params: ExportParams,
        response: {
          200: { description: 'All of it', content: { 'video/mp4': { schema: Binary } } },
          206: { description: 'The bytes', content: { 'video/mp4': { schema: Binary } } },
          ...failures(400, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { path, export: made } = exports.path(request.params.id, 'media');
      const zone = deps.store.settings.settings().time_zone;
      const name = `${made.camera}_${localTime(made.actual_from ?? made.from, zone)}.mp4`;
      reply.header('Content-Disposition', `attachment; filename="${name}"`);
      return reply.sendFile(basename(path), dirname(path), { cacheControl: false });
    },
  );

  app.get(
    '/api/recordings/exports/:id/provenance.json',
    {
      config: { ticket: true },
      schema: {
        tags,
        summary: 'Where a film comes from',
        description:
          'Box, camera, stream, what was asked for and what it became, gaps, and SHA-256 of the film and of every ' +
          'recording that it was made of.',
        params: ExportParams,
        response: {
          200: { description: 'The statement', content: { 'application/json': { schema: Type.Unknown() } } },
          ...failures(400, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { path } = exports.path(request.params.id, 'provenance');
      return reply.sendFile(basename(path), dirname(path), { cacheControl: false });
    },
  );
}

function span(from: number, to: number): string {
  return `${new Date(from * 1000).toISOString()} – ${new Date(to * 1000).toISOString()}`;
}

/** `2026-11-22_14-32-00`, for a file's name. @param unix seconds */
function localTime(unix: number, timeZone: string): string {
  const make = (zone: string) =>
    new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone }).format(
      unix * 1000,
    );
  let text: string;
  try {
    text = make(timeZone);
  } catch {
    // A backup may bring any.
    text = make('UTC');
  }
  return text.replace(' ', '_').replaceAll(':', '-');
}
