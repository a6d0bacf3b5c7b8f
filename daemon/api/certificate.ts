import { Certificate, CertificateUpload } from '../schema.ts';
import { type App, described, failures } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import type { Tls } from './tls.ts';

const tags = ['system'];
const PATH = '/api/system/certificate';

/** What HTTPS is served with. */
export function certificateRoutes(app: App, deps: ApiDeps): void {
  app.get(
    PATH,
    {
      schema: {
        tags,
        summary: 'The certificate that HTTPS is served with',
        description:
          'Compare the fingerprint with what the browser shows. Without HTTPS `enabled` is false and all else empty.',
        response: { 200: described(Certificate, 'The certificate'), ...failures() },
      },
    },
    async () => deps.tls?.describe() ?? NONE,
  );

  app.put(
    PATH,
    {
      schema: {
        tags,
        summary: 'Serve HTTPS with a certificate of your own',
        description: 'From the next connection on. The box’s own certificate is kept for DELETE.',
        body: CertificateUpload,
        response: {
          200: described(Certificate, 'What is served from now on'),
          ...failures(400, 409, 413, 415),
        },
      },
    },
    async (request) => {
      const tls = required(deps);
      const { certificate, private_key } = request.body;
      const fault = tls.replace(certificate, private_key);
      if (fault) throw new ApiError(400, fault.code, fault.message);
      audit(deps, request, 'certificate.replace', null, tls.fingerprint);
      return tls.describe();
    },
  );

  app.delete(
    PATH,
    {
      schema: {
        tags,
        summary: 'Serve HTTPS with the box’s own certificate again',
        response: { 200: described(Certificate, 'What is served from now on'), ...failures(409) },
      },
    },
    async (request) => {
      const tls = required(deps);
      tls.reset();
      audit(deps, request, 'certificate.reset', null, tls.fingerprint);
      return tls.describe();
    },
  );
}

const NONE: Certificate = {
  enabled: false,
  port: null,
  self_signed: false,
  subject: '',
  names: [],
  fingerprint: '',
  not_before: 0,
  not_after: 0,
};

function required({ tls }: ApiDeps): Tls {
  if (tls) return tls;
  throw new ApiError(
    409,
    'https_off',
    'HTTPS is not served: set WALLEYE_HTTPS=optional or required and restart.',
  );
}
