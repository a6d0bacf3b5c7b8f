import { type Static, Type } from 'typebox';
import { Layout, LayoutBody, type Tile } from '../schema.ts';
import { type App, described, failures, NameParams, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { layoutsOnWalls, listed } from './walls.ts';

const tags = ['layouts'];
/** Thirds add up to 1.0000000000000002 in floating point. */
const TOLERANCE = 1e-6;
/** Far more than anybody arranges, and a bound all the same. */
const MAX_LAYOUTS = 500;

const LayoutList = Type.Object({ total: Type.Integer(), layouts: Type.Array(Layout) });
export type LayoutList = Static<typeof LayoutList>;

function notFound(name: string): ApiError {
  return new ApiError(404, 'layout_not_found', `There is no layout ${name}. GET /api/layouts lists them.`);
}

/** Layouts. Pages are told to read them again. */
export function layoutRoutes(app: App, deps: ApiDeps): void {
  const { store, cameras } = deps;

  app.get(
    '/api/layouts',
    {
      schema: {
        tags,
        summary: 'All layouts',
        response: { 200: described(LayoutList, 'The layouts'), ...failures(503) },
      },
    },
    async () => {
      const layouts = store.layouts();
      return { total: layouts.length, layouts };
    },
  );

  app.get(
    '/api/layouts/:name',
    {
      schema: {
        tags,
        summary: 'One layout',
        params: NameParams,
        response: { 200: described(Layout, 'The layout'), ...failures(400, 404, 503) },
      },
    },
    async (request) => {
      const layout = store.layout(request.params.name);
      if (!layout) throw notFound(request.params.name);
      return layout;
    },
  );

  app.put(
    '/api/layouts/:name',
    {
      schema: {
        tags,
        summary: 'Make or replace a layout',
        params: NameParams,
        body: LayoutBody,
        response: {
          200: described(Layout, 'Replaced and saved'),
          201: described(Layout, 'Made and saved'),
          ...failures(400, 409, 413, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { tiles, orientation } = request.body;
      for (const [index, tile] of tiles.entries()) checkTile(tile, index, deps);
      const isNew = store.layout(name) === undefined;
      if (isNew && store.layouts().length >= MAX_LAYOUTS) {
        const message = `There are ${MAX_LAYOUTS} layouts already. Delete one first.`;
        throw new ApiError(409, 'too_many_layouts', message);
      }
      const layout = { name, tiles, ...(orientation ? { orientation } : {}) };
      store.putLayout(layout);
      audit(deps, request, isNew ? 'layout.add' : 'layout.change', name);
      cameras.announce({ type: 'changed', what: 'layouts' });
      return reply.code(isNew ? 201 : 200).send(layout);
    },
  );

  app.delete(
    '/api/layouts/:name',
    {
      schema: {
        tags,
        summary: 'Delete a layout that the wall does not show',
        params: NameParams,
        response: { 204: Nothing, ...failures(400, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      if (!store.layout(name)) throw notFound(name);
      if (layoutsOnWalls(store).has(name)) {
        const message = `The wall shows layout ${name}. Take it out of the wall first (GET /api/walls, PUT /api/walls/{screen}).`;
        throw new ApiError(409, 'layout_in_use', message);
      }
      store.deleteLayout(name);
      audit(deps, request, 'layout.remove', name);
      cameras.announce({ type: 'changed', what: 'layouts' });
      return reply.code(204).send(null);
    },
  );
}

/** What the schema cannot say. A camera removed later leaves its tile empty; one that never was is a typing error. */
function checkTile(tile: Tile, index: number, deps: ApiDeps): void {
  const right = tile.x + tile.width;
  const bottom = tile.y + tile.height;
  if (right > 1 + TOLERANCE || bottom > 1 + TOLERANCE) {
    const [edge, sum, end] =
      right > 1 + TOLERANCE ? ['right', 'x + width', right] : (['bottom', 'y + height', bottom] as const);
    const message = `"tiles[${index}]" leaves the screen at the ${edge}: ${sum} is ${end}, and may be 1 at most.`;
    throw new ApiError(400, 'tile_outside', message);
  }
  const unknown = tile.cameras.find((id) => !deps.cameras.camera(id));
  if (unknown === undefined) return;
  const known = deps.cameras.cameras().map(({ id }) => id);
  const message = `"tiles[${index}].cameras" names ${unknown}, and there is no such camera. ${listed('Cameras', known)}`;
  throw new ApiError(400, 'unknown_camera', message);
}
