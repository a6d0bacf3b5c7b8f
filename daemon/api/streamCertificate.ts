import { CertificatePins } from '../camera/certificatePins.ts';
import { StreamCertificate, StreamCertificateTrust } from '../schema.ts';
import { type App, described, failures, NameParams } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { requireStream } from './streams.ts';

/** Which certificate a camera is known by, that is spoken to over TLS (`rtsps://`, `https://`). */
export function streamCertificateRoutes(app: App, deps: ApiDeps): void {
  const { cameras, store } = deps;
  const pins = new CertificatePins(store.settings);

  const certificateOf = (name: string): { url: string; certificate: StreamCertificate } => {
    const { rtsp_url: url } = requireStream(deps, name);
    const certificate = pins.of(url);
    if (certificate) return { url, certificate };
    const message = 'This camera is not spoken to over TLS: its address is not rtsps:// or https://.';
    throw new ApiError(404, 'no_certificate', message);
  };
  const tags = ['streams'];

  app.get(
    '/api/streams/:name/certificate',
    {
      schema: {
        tags,
        summary: 'The certificate that the camera is known by',
        params: NameParams,
        response: { 200: described(StreamCertificate, 'By their SHA-256'), ...failures(400, 404) },
      },
    },
    async (request) => certificateOf(request.params.name).certificate,
  );

  app.put(
    '/api/streams/:name/certificate',
    {
      schema: {
        tags,
        summary: 'Trust another certificate that the camera shows',
        description:
          'The one that it has shown last, in place of the one before. The stream is opened at once.',
        params: NameParams,
        body: StreamCertificateTrust,
        response: {
          200: described(StreamCertificate, 'Trusted and saved'),
          ...failures(400, 404, 409, 413, 415),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { url } = certificateOf(name);
      if (!pins.trust(url, request.body.trusted))
        throw new ApiError(
          409,
          'not_shown',
          `The camera has not shown this certificate. GET /api/streams/${name}/certificate tells which it shows.`,
        );
      audit(deps, request, 'stream.certificate', name);
      if (requireStream(deps, name).enabled) await cameras.startStream(name);
      return certificateOf(name).certificate;
    },
  );
}
