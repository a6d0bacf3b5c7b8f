import type { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LONGEST } from './sessions.ts';

export const SESSION_COOKIE = 'walleye_session';
export const SCREEN_COOKIE = 'walleye_screen';
/** Seconds: the longest that Chromium keeps a cookie. The screen gets it anew whenever it starts. */
const SCREEN_LIFE = 400 * 86_400;

/**
 * Scripts cannot read it, pages of other sites cannot have it sent, and what came over TLS goes over nothing else.
 * Host names differ by no port: another program of this machine could read it, which is why it says little.
 */
function options(request: FastifyRequest) {
  const secure = (request.raw.socket as Partial<TLSSocket>).encrypted === true;
  return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, cookie: string): void {
  reply.setCookie(SESSION_COOKIE, cookie, { ...options(request), maxAge: LONGEST });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, options(request));
}

export function setScreenCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  reply.setCookie(SCREEN_COOKIE, token, { ...options(request), maxAge: SCREEN_LIFE });
}
