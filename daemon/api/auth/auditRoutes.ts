import { Type } from 'typebox';
import { AuditEntry } from '../../schema.ts';
import { type App, described, failures } from '../app.ts';
import type { ApiDeps } from '../deps.ts';

const MOST = 500;
const BY_DEFAULT = 100;

const AuditQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries with a smaller id' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST, description: `Default ${BY_DEFAULT}` })),
});
const AuditList = Type.Object({ entries: Type.Array(AuditEntry) });

export function auditRoutes(app: App, deps: ApiDeps): void {
  app.get(
    '/api/audit',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['accounts'],
        summary: 'Who changed what',
        querystring: AuditQuery,
        response: { 200: described(AuditList, 'The newest first'), ...failures(400, 503) },
      },
    },
    async (request) => {
      const { before, limit = BY_DEFAULT } = request.query;
      return { entries: deps.store.accounts.audit(limit, before) };
    },
  );
}
