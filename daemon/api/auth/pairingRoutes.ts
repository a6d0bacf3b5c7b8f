import type { AddressInfo } from 'node:net';
import QRCode from 'qrcode';
import { Type } from 'typebox';
import { Pairing, PairingCode, PairingGrant, PairingPassword, ScreenNumber, Session } from '../../schema.ts';
import { type App, described, failures } from '../app.ts';
import { audit } from '../audit.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { alreadyPaired, FIRST_ADMIN } from './accounts.ts';
import { setSessionCookie } from './cookies.ts';
import { addressOf } from './identify.ts';
import { lanAddresses, origin } from './lanAddresses.ts';
import { newSession } from './sessionRoutes.ts';

const tags = ['accounts'];
/** Which of the box's screens asks. */
const ScreenQuery = Type.Object({ screen: Type.Optional(ScreenNumber) });

/** First run: the screen shows a code, a phone gives it back and may set the first password. */
export function pairingRoutes(app: App, deps: ApiDeps): void {
  const { accounts, cameras } = deps;

  const shown = (): Pairing => {
    if (accounts.paired) throw alreadyPaired(404);
    const { code, expires } = accounts.pairing.current();
    const { address, port } = app.server.address() as AddressInfo;
    const { tls } = deps;
    const urls = lanAddresses(address).map((one) =>
      tls ? `${origin('https', one, tls.port)}/admin` : `${origin('http', one, port)}/admin`,
    );
    const url = `${urls[0] ?? `${origin('http', '127.0.0.1', port)}/admin`}#pair=${code}`;
    return { code, expires, url, urls, fingerprint: tls?.fingerprint ?? null };
  };

  app.get(
    '/api/pairing',
    {
      config: { access: 'screen' },
      schema: {
        tags,
        summary: 'The code to pair with, for the box’s own screen',
        querystring: ScreenQuery,
        response: { 200: described(Pairing, 'Show it until `expires`'), ...failures(400, 404) },
      },
    },
    async ({ query }) => {
      const pairing = shown();
      // Whoever asks again and again is awake: the kiosk's watchdog must not take a screen that waits for its phone for a dead one.
      deps.heartbeat.beat({ tiles: [] }, query.screen);
      return pairing;
    },
  );

  app.get(
    '/api/pairing/qr.svg',
    {
      exposeHeadRoute: false,
      config: { access: 'screen' },
      schema: {
        tags,
        summary: 'The admin page’s address with the code, for a phone’s camera',
        response: {
          200: {
            description: 'A QR code',
            content: { 'image/svg+xml': { schema: Type.String() } },
          },
          ...failures(404),
        },
      },
    },
    async (_request, reply) => {
      const svg = await QRCode.toString(shown().url, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' });
      return reply.type('image/svg+xml').header('Cache-Control', 'no-store').send(svg);
    },
  );

  app.post(
    '/api/pairing',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Give back the code from the screen',
        body: PairingCode,
        response: {
          200: described(PairingGrant, 'For PUT /api/pairing/password'),
          ...failures(400, 409, 413, 415, 429),
        },
      },
    },
    async (request, reply) => {
      if (accounts.paired) throw alreadyPaired(409);
      const guess = accounts.pairing.guess(request.body.code, request.caller.screen);
      if (guess === 'wrong') {
        accounts.noteFailure('pairing.failed', addressOf(request), null);
        throw new ApiError(403, 'wrong_code', 'That is not the code that the screen shows now. Look again.');
      }
      if ('wait' in guess) {
        const retryAfter = Math.ceil(guess.wait);
        const message = `Wrong codes were given too often. Wait ${retryAfter} s, then type the code that the screen shows.`;
        throw new ApiError(429, 'too_many_attempts', message, { retryAfter });
      }
      audit(deps, request, 'pairing.code');
      return reply.send(guess);
    },
  );

  app.put(
    '/api/pairing/password',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Make the first administrator, and sign in',
        body: PairingPassword,
        response: {
          200: described(Session, 'Made, saved and signed in'),
          ...failures(400, 409, 413, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { grant, username = FIRST_ADMIN, password } = request.body;
      const address = addressOf(request);
      const { name } = await accounts.addFirstAdmin(grant, username, password);
      const { cookie, row } = accounts.signIn(name, address, request.headers['user-agent']);
      setSessionCookie(request, reply, cookie);
      audit(deps, { caller: { name, address } }, 'user.add', name, 'admin, by pairing');
      cameras.announce({ type: 'changed', what: 'session' });
      return newSession(accounts, row);
    },
  );
}
