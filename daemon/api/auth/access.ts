import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import type { Accounts } from './accounts.ts';
import { type Access, type Caller, nobody, refusalOf } from './caller.ts';
import { setSessionCookie } from './cookies.ts';
import { addressOf, type Identified, identify } from './identify.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Who may use a route that does not say so. */
export function defaultAccess(method: string | string[]): Access {
  return [method].flat().every((one) => one === 'GET' || one === 'HEAD') ? 'viewer' : 'admin';
}

/**
 * Asks everybody who he is and whether he may. For all routes that are made in `app` behind it; cookies must be read by
 * then.
 */
export function accessControl(app: App, { accounts }: Pick<ApiDeps, 'accounts'>): void {
  app.decorateRequest('caller');
  app.decorateRequest('ticket');
  app.addHook('onRoute', (route) => {
    route.config = { access: defaultAccess(route.method), ...route.config };
  });
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'admin', ticket = false } = request.routeOptions.config;
    if (ticket) takeTicket(request);
    request.caller = nobody(addressOf(request));
    // Files hold nothing of this box, and there are many of them.
    if (access === 'public' && !request.url.startsWith('/api/')) return;
    const { caller, session } = await whoAsks(accounts, access, request, reply);
    request.caller = caller;
    const isUpgrade = request.headers.upgrade !== undefined;
    if (caller.ambient !== null && (isUpgrade || !SAFE_METHODS.includes(request.method)))
      refuseForeignPages(caller.ambient, request);
    const refused = refusalOf(access, caller);
    if (refused !== undefined) throw refusal(refused, accounts, request, reply);
    if (isUpgrade || ticket) holdUntilSignedOut(accounts, caller, request, reply, isUpgrade);
    else if (session && session.id === caller.session) rotate(accounts, session, request, reply);
  });
}

/** For the routes that are made in `app` behind it: the pages’ files, which hold nothing of this box. */
export function makePublic(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public' };
  });
}

function takeTicket(request: FastifyRequest): void {
  const query = request.query as { ticket?: unknown };
  if (typeof query.ticket === 'string') request.ticket = query.ticket;
  delete query.ticket;
}

/** Public routes are there for those too whose credentials are wrong. */
async function whoAsks(
  accounts: Accounts,
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Identified> {
  try {
    return await identify(accounts, request);
  } catch (error) {
    if (access === 'public') return { caller: request.caller, session: undefined };
    if (error instanceof ApiError && error.status === 401) challenge(request, reply);
    throw error;
  }
}

/**
 * Cookies are SameSite=Strict, but other ports of the same host are the same site: what changes something, and what a
 * browser lets foreign pages read (WebSockets), must come from our own page. Browsers always send Origin with both.
 * @throws ApiError 403
 */
function refuseForeignPages(ambient: 'cookie' | 'basic', { headers }: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (origin !== undefined) {
    const authority = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
    if (authority !== undefined && authority.toLowerCase() === host?.toLowerCase()) return;
    const message = 'This was asked for by a page of another site. Open Walleye’s own page and do it there.';
    throw new ApiError(403, 'origin_not_allowed', message);
  }
  if (site === 'same-origin') return;
  // curl has passwords, and neither header.
  if (ambient === 'basic' && site === undefined) return;
  const message =
    'Nothing says that this comes from Walleye’s own page: with a cookie, send the Origin header; programs better use a token.';
  throw new ApiError(403, 'origin_required', message);
}

function refusal(
  why: NonNullable<ReturnType<typeof refusalOf>>,
  accounts: Accounts,
  request: FastifyRequest,
  reply: FastifyReply,
): ApiError {
  if (why === 'admins_only')
    return new ApiError(403, why, 'Only administrators may do this. Sign in as one, or ask one to do it.');
  if (why === 'screen_only')
    return new ApiError(403, why, 'Only the box’s own screen is told this: look there.');
  challenge(request, reply);
  if (!accounts.paired) {
    const message =
      'This box has no password yet. Open its admin page and type the code that its screen shows.';
    return new ApiError(401, 'not_paired', message);
  }
  if (request.ticket !== undefined) {
    const message = 'The ticket in the address is not valid any more. GET /api/session tells a new one.';
    return new ApiError(401, 'wrong_ticket', message);
  }
  return new ApiError(401, why, 'Sign in first, or send a token as “Authorization: Bearer TOKEN”.');
}

/** Asks for a password: programs, and people who opened an address of the API. A page of ours asks by itself. */
function challenge({ headers }: FastifyRequest, reply: FastifyReply): void {
  const mode = headers['sec-fetch-mode'];
  // Browsers say Sec-Fetch-… to HTTPS and loopback only.
  const isBrowser = mode !== undefined || headers['user-agent']?.startsWith('Mozilla/') === true;
  const isNavigation =
    mode === undefined ? headers.accept?.includes('text/html') === true : mode === 'navigate';
  const isPagesOwn = headers['x-requested-with'] !== undefined || (isBrowser && !isNavigation);
  if (!isPagesOwn) reply.header('WWW-Authenticate', 'Basic realm="Walleye", charset="UTF-8"');
}

/** Pictures and sockets last for months; they end with the right to them. */
function holdUntilSignedOut(
  accounts: Accounts,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  isUpgrade: boolean,
): void {
  const held = isUpgrade ? request.raw.socket : reply.raw;
  held.once(
    'close',
    accounts.live.hold(caller.key, () => held.destroy()),
  );
}

function rotate(
  accounts: Accounts,
  session: NonNullable<Identified['session']>,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const rotated = accounts.sessions.rotate(session);
  if (rotated === undefined) return;
  request.caller.session = rotated.id;
  setSessionCookie(request, reply, rotated.cookie);
}
