import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { JudgeCertificate } from '../ingest/cameraSocket.ts';
import { parseSourceUrl } from '../ingest/sourceUrl.ts';
import type { StreamCertificate } from '../schema.ts';
import type { SettingStore } from '../store/settings.ts';

const KEY = 'camera_certificates';
const Pin = Type.Object({ trusted: Type.String(), offered: Type.Optional(Type.String()) });
/** By `host:port`. */
const Pins = Type.Record(Type.String(), Pin);
const compiled = Compile(Pins);
/** A camera that redirects to ever new addresses must not fill the database. */
const MOST = 1_024;

/**
 * Certificates of cameras that are spoken to over TLS: the first that is seen is trusted, as SSH does with keys. Another one is refused
 * until somebody says that it is the camera's: it may have been reset, or somebody sits in between.
 */
export class CertificatePins {
  readonly #store: Pick<SettingStore, 'get' | 'put'>;

  constructor(store: Pick<SettingStore, 'get' | 'put'>) {
    this.#store = store;
  }

  readonly judge: JudgeCertificate = (place, certificate) => {
    const pins = this.#all();
    const known = pins[place];
    if (known?.trusted === certificate) {
      if (known.offered !== undefined) this.#put({ ...pins, [place]: { trusted: certificate } });
      return undefined;
    }
    if (!known && Object.keys(pins).length >= MOST) return undefined;
    const pin = known ? { ...known, offered: certificate } : { trusted: certificate };
    if (known?.offered !== certificate) this.#put({ ...pins, [place]: pin });
    return known?.trusted;
  };

  /** @param url a stream's @returns undefined: it is not spoken to over TLS */
  of(url: string): StreamCertificate | undefined {
    const place = placeOf(url);
    if (place === undefined) return undefined;
    const { trusted = null, offered = null } = this.#all()[place] ?? {};
    return { trusted, offered };
  }

  /** @returns false: the camera has not shown this one */
  trust(url: string, certificate: string): boolean {
    const place = placeOf(url);
    const pins = this.#all();
    if (place === undefined || pins[place]?.offered !== certificate) return false;
    this.#put({ ...pins, [place]: { trusted: certificate } });
    return true;
  }

  #all(): Static<typeof Pins> {
    const kept = this.#store.get<unknown>(KEY);
    return compiled.Check(kept) ? kept : {};
  }

  #put(pins: Static<typeof Pins>): void {
    this.#store.put(KEY, pins);
  }
}

export function judgeBy(store: Pick<SettingStore, 'get' | 'put'>): JudgeCertificate {
  return new CertificatePins(store).judge;
}

function placeOf(url: string): string | undefined {
  const parsed = parseSourceUrl(url);
  return 'invalid' in parsed || !parsed.secure ? undefined : `${parsed.host}:${parsed.port}`;
}
