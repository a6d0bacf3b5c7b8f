import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.ts';

/** What pages of other sites may load: it shows nothing without a token of this box. */
const PLAYER = /\/player\/walleye-camera(-sound)?\.js$/;

/**
 * Serves the built pages: the wall at `/`, one layout or camera of it at `/watch/…` and `/camera/…`, the admin page at `/admin` and
 * at every address beneath it, which the page itself reads, recordings at `/playback`. Files with a hash in their name never change; everything else is asked for anew.
 */
export async function pages(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(folder)) {
    app.get('/', { schema: { hide: true } }, async () => {
      const message = 'The pages are not built yet: ./scripts/start builds them. The API is at /api/docs.';
      throw new ApiError(503, 'pages_not_built', message);
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    prefix: '/',
    // Recordings have it already.
    decorateReply: !app.hasReplyDecorator('sendFile'),
    cacheControl: false,
    dotfiles: 'deny',
    setHeaders: (reply, path) => {
      const hashed = /\/assets\/[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$/.test(path);
      reply.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      if (!PLAYER.test(path)) return;
      reply.header('Access-Control-Allow-Origin', '*');
      reply.header('Cross-Origin-Resource-Policy', 'cross-origin');
    },
  });
  for (const url of ['/watch/*', '/camera/*']) {
    app.get(url, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html', folder));
  }
  for (const url of ['/admin', '/admin/*']) {
    app.get(url, { schema: { hide: true } }, (_request, reply) => reply.sendFile('admin/index.html', folder));
  }
  app.get('/playback', { schema: { hide: true } }, (_request, reply) =>
    reply.sendFile('playback/index.html', folder),
  );
}
