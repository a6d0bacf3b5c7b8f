import type { HTTPMethods } from 'fastify';
import type { App } from './app.ts';
import { ApiError } from './errors.ts';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Answers 405 with `Allow` where the address exists and the method does not. Fastify would answer 404, which sends
 * people looking for a typing error in the address.
 * Call it before the routes are made, and `register` behind them.
 */
export function methodNotAllowed(app: App): { register: () => void } {
  const taken = new Map<string, Set<string>>();
  let collecting = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!collecting || !url.startsWith('/api/') || url.includes('*')) return;
    const methods = taken.get(url) ?? new Set();
    taken.set(url, methods);
    for (const name of [method].flat()) methods.add(name);
  });
  return {
    register: () => {
      collecting = false;
      for (const [url, methods] of taken) {
        const allow = [...methods].sort().join(', ');
        const message = `Only ${allow} can be done here.`;
        app.route({
          url,
          method: METHODS.filter((method) => !methods.has(method)),
          exposeHeadRoute: false,
          schema: { hide: true },
          // It says no more than the API’s documentation.
          config: { access: 'public' },
          onRequest: async (_request, reply) => {
            reply.header('Allow', allow);
            throw new ApiError(405, 'method_not_allowed', message);
          },
          handler: async () => {},
        });
      }
    },
  };
}
