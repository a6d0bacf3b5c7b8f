import { Type } from 'typebox';
import { LogEntry, LogList } from '../../schema.ts';
import { type App, described, failures } from '../app.ts';
import type { ApiDeps } from '../deps.ts';

const LogsQuery = Type.Object({
  after: Type.Optional(
    Type.Integer({ minimum: 0, description: '`last` of the answer before: only what came since' }),
  ),
  level: Type.Optional({ ...LogEntry.properties.level, description: 'This level and all that are worse' }),
  component: Type.Optional(Type.String({ maxLength: 64, examples: ['camera', 'decode'] })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000, description: 'Default 200' })),
});

const LIMIT = 200;

export function logRoutes(app: App, { logs }: ApiDeps): void {
  app.get(
    '/api/system/logs',
    {
      // Addresses, names and who did what: not for everybody who may look at pictures.
      config: { access: 'admin' },
      schema: {
        tags: ['system'],
        summary: 'The daemon’s log',
        description:
          'The newest 2000 lines since its start, in the order in which they were written, without secrets. Without `after` ' +
          'the newest of them.',
        querystring: LogsQuery,
        response: { 200: described(LogList, 'Entries of the log'), ...failures(400) },
      },
    },
    async (request) => {
      const { after, level, component, limit = LIMIT } = request.query;
      return logs?.read({ after, level, component, limit }) ?? { entries: [], last: 0 };
    },
  );
}
