/** The dialog by which a camera's loudspeaker is found and opened: DESCRIBE, SETUP, PLAY, each with `Require`. */
import { parseSession, type RtspResponse } from '../../rtsp/rtspMessage.ts';
import { parseTransport } from '../../rtsp/transportHeader.ts';
import { aggregateUrl, baseUrl, setupUrls } from '../controlUrl.ts';
import { IngestError, statusError } from '../ingestError.ts';
import type { RtspConnection } from '../rtspConnection.ts';
import { isSdp, parseSdp } from '../sdp.ts';
import { redactUrl, type SourceUrl } from '../sourceUrl.ts';
import { BACKCHANNEL, chooseTalk, type TalkTrack } from './talkTrack.ts';

/** What the dialog came to. */
export interface Told {
  readonly connection: RtspConnection;
  readonly track: TalkTrack;
  /** URL of the whole session. */
  readonly aggregate: string;
  /** Of the interleaved sound; its reports go by the next one. */
  readonly channel: number;
  /** Seconds. */
  readonly sessionTimeout: number;
}

const TRANSPORT = 'RTP/AVP/TCP;unicast;interleaved=0-1';

/** @throws IngestError of all methods: `unsupported` where there is no loudspeaker for us */
export class TalkDialog {
  readonly connection: RtspConnection;
  readonly #url: SourceUrl;
  readonly #credentials: boolean;

  /** @param credentials we have some to give */
  constructor(connection: RtspConnection, url: SourceUrl, credentials: boolean) {
    this.connection = connection;
    this.#url = url;
    this.#credentials = credentials;
  }

  async describe(): Promise<{ track: TalkTrack; aggregate: string }> {
    const url = this.#url.requestUrl;
    const place = `DESCRIBE ${redactUrl(url)}`;
    const { headers, body } = this.#must(
      await this.#ask('DESCRIBE', url, { Accept: 'application/sdp' }),
      place,
    );
    const text = body.toString('utf8');
    if (!isSdp(headers.get('Content-Type'), text))
      throw new IngestError('protocol', 'the camera’s answer is no SDP', { place });
    const sdp = parseSdp(text);
    const track = chooseTalk(sdp);
    if ('unsupported' in track) throw new IngestError('unsupported', track.unsupported, { place });
    const base = headers.get('Content-Base') ?? headers.get('Content-Location');
    return { track, aggregate: aggregateUrl(baseUrl(base, url), sdp.control) };
  }

  /** Sound may be sent afterwards. */
  async begin(): Promise<Told> {
    const { track, aggregate } = await this.describe();
    const [first, other] = setupUrls(aggregate, track.media.control);
    const place = `SETUP ${redactUrl(first)}`;
    let setup = await this.#ask('SETUP', first, { Transport: TRANSPORT });
    // By the likelier form of the URL, and once by the other (case 26).
    if (other !== undefined && [400, 404, 454].includes(setup.status))
      setup = await this.#ask('SETUP', other, { Transport: TRANSPORT });
    this.#must(setup, place);
    const { id, timeout } = parseSession(setup.headers.get('Session') ?? '');
    this.connection.session = id;
    const { protocol, interleaved } = parseTransport(setup.headers.get('Transport') ?? TRANSPORT);
    if (protocol !== 'tcp')
      throw new IngestError('unsupported', 'the camera takes sound over UDP only', { place });
    this.#must(await this.#ask('PLAY', aggregate, {}), `PLAY ${redactUrl(aggregate)}`);
    const channel = interleaved?.rtp ?? 0;
    return { connection: this.connection, track, aggregate, channel, sessionTimeout: timeout };
  }

  async #ask(method: string, url: string, headers: Record<string, string>): Promise<RtspResponse> {
    const { session } = this.connection;
    const all = { ...(session === undefined ? {} : { Session: session }), Require: BACKCHANNEL, ...headers };
    const answer = await this.connection.request(method, url, all);
    if (answer.status !== 551) return answer;
    // Option not supported (RFC 2326 §11.3.14): so say cameras without a loudspeaker to Require.
    const place = `${method} ${redactUrl(url)}`;
    throw new IngestError('unsupported', 'the camera has no loudspeaker that can be reached', {
      place,
      status: 551,
    });
  }

  #must(answer: RtspResponse, place: string): RtspResponse {
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw statusError(answer, place, this.#credentials);
  }
}
