import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { type TSchema, Type } from 'typebox';
import { ErrorBody, Name } from '../schema.ts';
import type { Access, Caller } from './auth/caller.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. Left out: GET and HEAD viewer, everything else admin. */
    access?: Access;
    /** The route gives pictures: it takes `?ticket=` in place of a cookie, and ends with the caller’s session. */
    ticket?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; set before any handler runs. */
    caller: Caller;
    /** `?ticket=` of a route that takes it. It is no part of `query`: no route reads it. */
    ticket: string | undefined;
  }
}

/** A fastify instance whose handlers take their types from the routes' schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

const MEANING: Record<number, string> = {
  400: 'The request is wrong; the message says where',
  401: 'Nobody is signed in, or not with these credentials',
  403: 'Not for this caller; or Host or Origin is not one of this daemon’s',
  404: 'There is no such thing',
  409: 'It contradicts what is there',
  413: 'The body is larger than 1 MiB',
  415: 'The body is not JSON',
  416: 'There are no such bytes',
  426: 'Only as a WebSocket',
  429: 'Too often; Retry-After says when again',
  500: 'A bug; the daemon’s log has more',
  502: 'The camera did not answer properly',
  503: 'Not now; try again',
};

/** Schemas of the error answers that a route can give, besides those of every route. */
export function failures<S extends number>(...statuses: S[]): Record<S | 401 | 403 | 500, typeof ErrorBody> {
  const all = [...new Set([...statuses, 401, 403, 500])].sort((a, b) => a - b);
  return Object.fromEntries(
    all.map((status) => [status, { ...ErrorBody, description: MEANING[status] ?? 'Failed' }]),
  ) as unknown as Record<S | 401 | 403 | 500, typeof ErrorBody>;
}

/** A schema with a sentence about the answer that it describes. */
export function described<T extends TSchema>(schema: T, description: string): T {
  return { ...schema, description };
}

export const NameParams = Type.Object({ name: Name });
export const IdParams = Type.Object({ id: Name });
/** A body that is no JSON. */
export const Binary = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' });
/** Answer 204. */
export const Nothing = Type.Null({ description: 'Done' });
