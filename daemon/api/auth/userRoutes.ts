import { Type } from 'typebox';
import { User, UserAdd, UserName, UserPatch } from '../../schema.ts';
import { type App, described, failures, Nothing } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';

const tags = ['accounts'];
const UserList = Type.Object({ total: Type.Integer(), users: Type.Array(User) });
const UserParams = Type.Object({ name: UserName });

export function userRoutes(app: App, deps: ApiDeps): void {
  const { accounts, cameras } = deps;
  const announce = () => cameras.announce({ type: 'changed', what: 'session' });

  app.get(
    '/api/users',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'All users',
        response: { 200: described(UserList, 'The users'), ...failures(503) },
      },
    },
    async () => {
      const users = accounts.users();
      return { total: users.length, users };
    },
  );

  app.post(
    '/api/users',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Add a user',
        description: 'The first must be an administrator; from then on everybody has to sign in.',
        body: UserAdd,
        response: { 201: described(User, 'Added and saved'), ...failures(400, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const user = await accounts.addUser(request.body);
      audit(deps, request, 'user.add', user.name, user.role);
      announce();
      return reply
        .code(201)
        .header('Location', `/api/users/${encodeURIComponent(user.name)}`)
        .send(user);
    },
  );

  app.patch(
    '/api/users/:name',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Change a user’s role or password',
        description: 'He is signed out everywhere, except here when he changes himself.',
        params: UserParams,
        body: UserPatch,
        response: { 200: described(User, 'Changed and saved'), ...failures(400, 404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { role, password } = request.body;
      const user = await accounts.patchUser(request.params.name, request.body, request.caller.session);
      const changed = [role, password === undefined ? null : 'password'].filter(Boolean).join(', ');
      audit(deps, request, 'user.change', user.name, changed);
      announce();
      return user;
    },
  );

  app.delete(
    '/api/users/:name',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Remove a user; he is signed out everywhere',
        description: 'Tokens that he made are the box’s and stay: look at GET /api/tokens.',
        params: UserParams,
        response: { 204: Nothing, ...failures(400, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      accounts.removeUser(name);
      audit(deps, request, 'user.remove', name);
      announce();
      return reply.code(204).send(null);
    },
  );
}
