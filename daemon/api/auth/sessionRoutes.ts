import { Type } from 'typebox';
import { Login, OwnPassword, ScreenNumber, Session, SignedIn } from '../../schema.ts';
import type { SessionRow } from '../../store/accounts.ts';
import { type App, described, failures, IdParams, Nothing } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import type { Accounts } from './accounts.ts';
import { basicKey } from './accounts.ts';
import type { Caller } from './caller.ts';
import {
  clearSessionCookie,
  SCREEN_COOKIE,
  SESSION_COOKIE,
  setScreenCookie,
  setSessionCookie,
} from './cookies.ts';
import { addressOf } from './identify.ts';

const tags = ['accounts'];
const ScreenParams = Type.Object({ token: Type.String({ maxLength: 128 }) });
const ScreenQuery = Type.Object({ screen: Type.Optional(ScreenNumber) });
const SessionList = Type.Object({ total: Type.Integer(), sessions: Type.Array(SignedIn) });

/** What a page needs to know of who asks. */
export function sessionOf(
  accounts: Accounts,
  caller: Pick<Caller, 'kind' | 'user' | 'role' | 'session'>,
): Session {
  const { kind, user, role, session } = caller;
  const { required: auth_required, paired } = accounts;
  const of = kind === 'screen' ? 'screen' : session;
  const ticket = of === null ? null : accounts.sessions.ticket(of);
  return { auth_required, paired, kind, user, role, ticket };
}

/** As `sessionOf`, of somebody who has just signed in. */
export function newSession(accounts: Accounts, { user, id }: SessionRow): Session {
  return sessionOf(accounts, { kind: 'user', user, role: accounts.user(user)?.role ?? null, session: id });
}

export function sessionRoutes(app: App, deps: ApiDeps): void {
  const { accounts, cameras } = deps;

  // Start address of the box’s own screen.
  app.get(
    '/screen/:token',
    {
      exposeHeadRoute: false,
      config: { access: 'public' },
      schema: { hide: true, params: ScreenParams, querystring: ScreenQuery },
    },
    async (request, reply) => {
      const { token } = request.params;
      if (!accounts.isScreen(token)) {
        const message =
          'This is not the address of this box’s screen. The file tokens/screen in its state folder has it.';
        throw new ApiError(403, 'wrong_screen_token', message);
      }
      setScreenCookie(request, reply, token);
      const { screen } = request.query;
      const page = screen === undefined ? '/' : `/?screen=${screen}`;
      return reply.header('Cache-Control', 'no-store').redirect(page, 303);
    },
  );

  app.get(
    '/api/session',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Who asks, and whether anybody has to sign in',
        response: { 200: described(Session, 'The session'), ...failures() },
      },
    },
    async (request, reply) => {
      const token = request.cookies[SCREEN_COOKIE];
      // It does not end: the cookie’s own end moves on.
      if (request.caller.screen && token !== undefined) setScreenCookie(request, reply, token);
      return sessionOf(accounts, request.caller);
    },
  );

  app.post(
    '/api/session',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Sign in',
        description: 'Answers with the cookie `walleye_session`. Programs better use a token.',
        body: Login,
        response: { 200: described(Session, 'Signed in'), ...failures(400, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      if (!accounts.paired) {
        const message =
          'This box has no password yet. Type the code that its screen shows (POST /api/pairing).';
        throw new ApiError(409, 'not_paired', message);
      }
      const { username, password } = request.body;
      const address = addressOf(request);
      const user = await accounts.passwords.verify(username, password, address).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === 'wrong_login')
          accounts.noteFailure('login.failed', address, username);
        throw error;
      });
      const before = request.cookies[SESSION_COOKIE];
      const old = before === undefined ? undefined : accounts.sessions.find(before, address);
      if (old) accounts.sessions.end(old.id);
      const { cookie, row } = accounts.signIn(user.name, address, request.headers['user-agent']);
      setSessionCookie(request, reply, cookie);
      audit(deps, { caller: { name: user.name, address } }, 'login.ok');
      return newSession(accounts, row);
    },
  );

  app.delete(
    '/api/session',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Sign out',
        response: { 204: Nothing, ...failures() },
      },
    },
    async (request, reply) => {
      const { session } = request.caller;
      if (session !== null && accounts.sessions.end(session)) audit(deps, request, 'logout');
      clearSessionCookie(request, reply);
      return reply.code(204).send(null);
    },
  );

  app.put(
    '/api/session/password',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Change one’s own password',
        description: 'One is signed out everywhere else; here the answer has a new cookie.',
        body: OwnPassword,
        response: {
          200: described(Session, 'Changed and saved'),
          ...failures(400, 409, 413, 415, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { user, session, address } = request.caller;
      if (user === null)
        throw new ApiError(409, 'no_user', 'Only somebody who signed in with a password has one to change.');
      await accounts.passwords.verify(user, request.body.current, address).catch((error: unknown) => {
        // Not 401: he is signed in, and pages would ask him to sign in again.
        if (!(error instanceof ApiError && error.code === 'wrong_login')) throw error;
        accounts.noteFailure('login.failed', address, user);
        throw new ApiError(403, 'wrong_password', 'The current password is wrong. Type it again.');
      });
      await accounts.patchUser(user, { password: request.body.password }, null);
      audit(deps, request, 'user.password', user);
      cameras.announce({ type: 'changed', what: 'session' });
      if (session === null) return sessionOf(accounts, request.caller);
      const { cookie, row } = accounts.sessions.start(user, address, request.headers['user-agent']);
      setSessionCookie(request, reply, cookie);
      return newSession(accounts, row);
    },
  );

  app.get(
    '/api/sessions',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Where somebody is signed in',
        response: { 200: described(SessionList, 'The one that was used last first'), ...failures(503) },
      },
    },
    async (request) => {
      const sessions = accounts.sessions.list().map((row): SignedIn => {
        const { id, user, created_at: created, last_seen, address, browser } = row;
        return { id, user, created, last_seen, address, browser, current: id === request.caller.session };
      });
      return { total: sessions.length, sessions };
    },
  );

  app.delete(
    '/api/sessions/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Sign somebody out',
        params: IdParams,
        response: { 204: Nothing, ...failures(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const user = accounts.sessions.list().find((row) => row.id === id)?.user;
      if (user === undefined) {
        const message = 'Nobody is signed in there any more. GET /api/sessions lists who is.';
        throw new ApiError(404, 'session_not_found', message);
      }
      accounts.sessions.end(id);
      accounts.live.end(basicKey(user));
      audit(deps, request, 'session.end', user);
      cameras.announce({ type: 'changed', what: 'session' });
      return reply.code(204).send(null);
    },
  );
}
