import { Type } from 'typebox';
import { Token, TokenAdd, TokenMade } from '../../schema.ts';
import { type App, described, failures, IdParams, Nothing } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

const tags = ['accounts'];
const TokenList = Type.Object({ total: Type.Integer(), tokens: Type.Array(Token) });
/** Far more than programs that anybody runs, and a bound all the same. */
const MOST = 200;

export function tokenRoutes(app: App, deps: ApiDeps): void {
  const { accounts } = deps;

  app.get(
    '/api/tokens',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'All tokens, without what is secret',
        response: { 200: described(TokenList, 'The tokens'), ...failures(503) },
      },
    },
    async () => {
      const tokens = accounts.tokens.list();
      return { total: tokens.length, tokens };
    },
  );

  app.post(
    '/api/tokens',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Make a token for a program',
        description:
          'Send it as `Authorization: Bearer …`, or as the password of Basic. It is told this once.',
        body: TokenAdd,
        response: { 201: described(TokenMade, 'Made and saved'), ...failures(400, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      if (accounts.tokens.list().length >= MOST) {
        const message = `There are ${MOST} tokens already. Remove those that no program uses any more.`;
        throw new ApiError(409, 'too_many_tokens', message);
      }
      const made = accounts.tokens.make(request.body, request.caller.name);
      audit(deps, request, 'token.add', made.name, made.scope);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/api/tokens/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Remove a token; what is open with it ends',
        params: IdParams,
        response: { 204: Nothing, ...failures(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const token = accounts.tokens.list().find((one) => one.id === id);
      if (!token || !accounts.tokens.remove(id)) {
        const message = 'There is no such token. GET /api/tokens lists them.';
        throw new ApiError(404, 'token_not_found', message);
      }
      audit(deps, request, 'token.remove', token.name);
      return reply.code(204).send(null);
    },
  );
}
