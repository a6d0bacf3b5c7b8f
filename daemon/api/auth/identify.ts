import type { FastifyRequest } from 'fastify';
import type { SessionRow } from '../../store/accounts.ts';
import { ApiError } from '../errors.ts';
import { type Accounts, basicKey } from './accounts.ts';
import { readAuthorization, subprotocolToken } from './authorization.ts';
import { anybody, type Caller, nobody } from './caller.ts';
import { SCREEN_COOKIE, SESSION_COOKIE } from './cookies.ts';
import { TOKEN_PREFIX, tokenKey } from './tokens.ts';

/** The peer's address; IPv4 is written as such, also where it came in on an IPv6 socket. */
export function addressOf(request: FastifyRequest): string {
  return (request.raw.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
}

export interface Identified {
  caller: Caller;
  /** The session that he is signed in by, with its cookie. */
  session: SessionRow | undefined;
}

/**
 * Who asks. A header that a program wrote outweighs cookies; the session outweighs the screen's cookie, so that one can
 * sign in on the screen itself; a ticket is looked at last, and on picture routes only.
 *
 * @throws ApiError 401 for an `Authorization` that is wrong: programs must not go on as somebody else unnoticed; 429, 503
 */
export async function identify(accounts: Accounts, request: FastifyRequest): Promise<Identified> {
  const address = addressOf(request);
  const offered = subprotocolToken(request.headers['sec-websocket-protocol']);
  const authorization = offered === undefined ? request.headers.authorization : `Bearer ${offered}`;
  const screenToken = request.cookies[SCREEN_COOKIE];
  const screen = screenToken !== undefined && accounts.isScreen(screenToken);
  if (!accounts.required) {
    const holder = authorization === undefined ? undefined : byToken(accounts, authorization, address);
    // Pages of other sites are let in for their token: a wrong one must not make them anybody.
    if (!holder && offered !== undefined) throw wrongToken(accounts, offered);
    const caller = holder ?? anybody(address);
    return { caller: { ...caller, screen }, session: undefined };
  }
  if (authorization !== undefined)
    return { caller: await byHeader(accounts, authorization, address), session: undefined };

  const cookie = request.cookies[SESSION_COOKIE];
  const session = cookie === undefined ? undefined : accounts.sessions.find(cookie, address);
  const user = session && bySession(accounts, session, address);
  if (user) return { caller: { ...user, ambient: 'cookie', screen }, session };
  if (screen) return { caller: { ...theScreen(address), ambient: 'cookie' }, session: undefined };
  return { caller: byTicket(accounts, request, address) ?? nobody(address), session: undefined };
}

function byToken(accounts: Accounts, header: string, address: string): Caller | undefined {
  const given = readAuthorization(header);
  if (given === 'unknown') return undefined;
  const holder = accounts.tokens.find(given.scheme === 'bearer' ? given.token : given.password);
  if (holder === undefined || holder === 'expired') return undefined;
  return {
    ...nobody(address),
    kind: 'token',
    role: holder.scope,
    name: `token:${holder.name}`,
    key: tokenKey(holder.id),
  };
}

/** @throws ApiError 401, 429, 503 */
export async function byHeader(accounts: Accounts, header: string, address: string): Promise<Caller> {
  const holder = byToken(accounts, header, address);
  const given = readAuthorization(header);
  // A browser that was given a token in its password prompt sends it by itself too.
  const ambient = given !== 'unknown' && given.scheme === 'basic' ? 'basic' : null;
  if (holder) return { ...holder, ambient };
  if (given === 'unknown') {
    const message = 'The Authorization header is neither “Bearer TOKEN” nor “Basic …”.';
    throw new ApiError(401, 'invalid_authorization', message);
  }
  const secret = given.scheme === 'bearer' ? given.token : given.password;
  if (given.scheme === 'bearer' || secret.startsWith(TOKEN_PREFIX)) {
    throw wrongToken(accounts, secret);
  }
  try {
    const { name, role } = await accounts.passwords.verifyBasic(given.name, given.password, address);
    return { ...nobody(address), kind: 'user', user: name, role, name, ambient, key: basicKey(name) };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'wrong_login')
      accounts.noteFailure('login.failed', address, given.name);
    throw error;
  }
}

function wrongToken(accounts: Accounts, token: string): ApiError {
  const isOver = accounts.tokens.find(token) === 'expired';
  const message = `The token ${isOver ? 'has expired' : 'is not one of this box'}. Make another one on the admin page.`;
  return new ApiError(401, isOver ? 'token_expired' : 'wrong_token', message);
}

function bySession(accounts: Accounts, session: SessionRow, address: string): Caller | undefined {
  // The role as it is now, not as it was at sign-in.
  const user = accounts.user(session.user);
  if (!user) return undefined;
  const { name, role } = user;
  const key = accounts.sessions.key(session.id);
  return { ...nobody(address), kind: 'user', user: name, role, name, key, session: session.id };
}

function theScreen(address: string): Caller {
  return { ...nobody(address), kind: 'screen', role: 'viewer', screen: true, name: 'screen', key: 'screen' };
}

function byTicket(accounts: Accounts, request: FastifyRequest, address: string): Caller | undefined {
  const { ticket } = request;
  if (ticket === undefined) return undefined;
  const owner = accounts.sessions.byTicket(ticket);
  if (owner === 'screen') return theScreen(address);
  return owner && bySession(accounts, owner, address);
}
