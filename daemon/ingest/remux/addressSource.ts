import { ChosenSource } from '../chosenSource.ts';
import { IngestError } from '../ingestError.ts';
import { parseSourceUrl, redactUrl, type SourceScheme, type SourceUrl } from '../sourceUrl.ts';
import { addressList } from './remuxArgs.ts';
import { RemuxedSource } from './remuxedSource.ts';
import type { Remuxer } from './remuxer.ts';

export interface AddressSourceOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly remuxer: Promise<Remuxer>;
  readonly stallTimeout?: number | undefined;
}

/** What ffmpeg speaks for us, with the protocols that it needs for it, and what comes by it. */
const SPOKEN = {
  rtmp: { protocols: ['rtmp', 'tcp'], format: 'flv' },
  srt: { protocols: ['srt', 'udp'], format: 'mpegts' },
} as const;
type Spoken = keyof typeof SPOKEN;

export const isSpokenUrl = (text: string) => /^\s*(rtmp|srt):/i.test(text);

/** RTMP and SRT: ffmpeg opens the address itself, in a sandbox that has a network and nothing else. */
export class AddressSource extends ChosenSource<AddressSourceOptions> {
  protected async choose(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    const { remuxer, stallTimeout } = this.options;
    const url = parseSourceUrl(this.options.url);
    if ('invalid' in url)
      throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
    const scheme = spoken(url.scheme);
    const address = this.#withLogin(url);
    // The address itself has none (sourceUrl.ts); a login that is kept apart may.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break here would be another line of what ffmpeg reads
    if (/[\u0000-\u001f\u007f]/.test(address))
      throw new IngestError('invalid_url', 'the user name or password holds control characters', {
        place: redactUrl(url.requestUrl),
      });
    const list = Buffer.from(addressList(address));
    const source = new RemuxedSource(
      {
        place: redactUrl(url.requestUrl),
        input: { kind: 'address', ...SPOKEN[scheme] },
        transport: scheme,
        bytes: async () => once(list),
        ...{ remuxer, stallTimeout, counters: this.counters },
      },
      this.sink,
    );
    return this.play(source, signal);
  }

  /** As ffmpeg wants it: in the address, as it is (its RTMP decodes nothing). */
  #withLogin(url: SourceUrl): string {
    const { username, password } = this.options.username === undefined ? url : this.options;
    if (username === undefined || url.scheme !== 'rtmp') return url.requestUrl;
    return url.requestUrl.replace('://', () => `://${username}:${password ?? ''}@`);
  }
}

function spoken(scheme: SourceScheme): Spoken {
  if (scheme === 'rtmp' || scheme === 'srt') return scheme;
  throw new TypeError(`${scheme} is not spoken by ffmpeg here`);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
