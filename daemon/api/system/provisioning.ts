import { Provisioning } from '../../schema.ts';
import { type App, described, failures } from '../app.ts';
import type { ApiDeps } from '../deps.ts';

export function provisioningRoutes(app: App, deps: ApiDeps): void {
  app.get(
    '/api/system/provisioning',
    {
      // The screen too: who put a stick in stands there. Not every viewer, as it names users and addresses.
      config: { access: 'attendant' },
      schema: {
        tags: ['system'],
        summary: 'What a stick, the boot partition or a credential brought since the machine started',
        description: 'The events socket says `changed: provisioning` when there is something new.',
        response: { 200: described(Provisioning, 'The report; null: nothing was brought'), ...failures() },
      },
    },
    async () => deps.provisioning?.read() ?? { report: null, age: null },
  );
}
