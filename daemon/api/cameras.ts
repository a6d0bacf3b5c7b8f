import { type Static, Type } from 'typebox';
import { cameraNotFound } from '../camera/cameraError.ts';
import { Camera, CameraAdd, CameraPatch } from '../schema.ts';
import { type App, described, failures, IdParams, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';

const tags = ['cameras'];

const CameraList = Type.Object({ total: Type.Integer(), cameras: Type.Array(Camera) });
export type CameraList = Static<typeof CameraList>;

/** Credentials go in and never come out. */
export function cameraRoutes(app: App, deps: ApiDeps): void {
  const { cameras } = deps;

  app.get(
    '/api/cameras',
    {
      schema: {
        tags,
        summary: 'All cameras with their streams',
        response: { 200: described(CameraList, 'The cameras'), ...failures() },
      },
    },
    async () => {
      const all = cameras.cameras();
      return { total: all.length, cameras: all };
    },
  );

  app.post(
    '/api/cameras',
    {
      schema: {
        tags,
        summary: 'Add a camera',
        description:
          'With `address` its profiles are read over ONVIF and become streams named `{camera}_{profile}`; with ' +
          '`streams` they are given by hand.',
        body: CameraAdd,
        response: {
          201: described(Camera, 'Added and saved'),
          ...failures(400, 409, 413, 415, 502, 503),
        },
      },
    },
    async (request, reply) => {
      const camera = await cameras.addCamera(request.body);
      audit(deps, request, 'camera.add', camera.id);
      return reply.code(201).header('Location', `/api/cameras/${camera.id}`).send(camera);
    },
  );

  app.get(
    '/api/cameras/:id',
    {
      schema: {
        tags,
        summary: 'One camera',
        params: IdParams,
        response: { 200: described(Camera, 'The camera'), ...failures(400, 404) },
      },
    },
    async (request) => {
      const camera = cameras.camera(request.params.id);
      if (!camera) throw cameraNotFound(request.params.id);
      return camera;
    },
  );

  app.patch(
    '/api/cameras/:id',
    {
      schema: {
        tags,
        summary: 'Change name, address or credentials',
        params: IdParams,
        body: CameraPatch,
        response: {
          200: described(Camera, 'Changed and saved'),
          ...failures(400, 404, 409, 413, 415, 502, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const camera = await cameras.patchCamera(id, request.body);
      // Which fields, never what is in them: one is the password.
      audit(deps, request, 'camera.change', id, Object.keys(request.body).join(', '));
      return camera;
    },
  );

  app.delete(
    '/api/cameras/:id',
    {
      schema: {
        tags,
        summary: 'Remove a camera and its streams; tiles of layouts that show it stay empty',
        params: IdParams,
        response: { 204: Nothing, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      await cameras.removeCamera(request.params.id);
      audit(deps, request, 'camera.remove', request.params.id);
      return reply.code(204).send(null);
    },
  );
}
