/** SETUP of a session's tracks (RFC 2326 §10.4): the video, and the sound behind it. */
import type { RtspResponse } from '../rtsp/rtspMessage.ts';
import { parseTransport } from '../rtsp/transportHeader.ts';
import type { AudioChoice } from './audioCoding.ts';
import { setupUrls } from './controlUrl.ts';
import { Outcome, transportRefused } from './dialogOutcome.ts';
import { IngestError } from './ingestError.ts';
import type { VideoChoice } from './sdp.ts';
import type { SessionMedia } from './sessionMedia.ts';

export interface TrackSetup {
  /** URL of the whole session. */
  readonly aggregate: string;
  readonly media: SessionMedia;
  readonly request: (method: string, url: string, headers: Record<string, string>) => Promise<RtspResponse>;
  /** Throws what a status other than 2xx means. */
  readonly expectOk: (response: RtspResponse, method: string, url: string) => void;
}

/** Throws an Outcome where the camera does not do the transport, IngestError where it refuses otherwise. */
export async function setUpVideo(setup: TrackSetup, video: VideoChoice): Promise<void> {
  const asked = await setup.media.askVideo().catch((cause: Error) => {
    throw transportRefused(`no pair of UDP ports: ${cause.message}`);
  });
  const { url, response } = await setUpTrack(setup, video.media.control, asked);
  if (response.status === 461) throw transportRefused(`461 ${response.reason}`, 461);
  setup.expectOk(response, 'SETUP', url);
  const answer = parseTransport(response.headers.get('Transport') ?? asked);
  const accepted = await setup.media.acceptVideo(answer, video).catch((cause: Error) => {
    throw transportRefused(`the group cannot be joined: ${cause.message}`);
  });
  if (!accepted)
    throw transportRefused(`asked for ${setup.media.transport}, the camera chose ${answer.protocol}`);
}

/**
 * The sound, after the video. A camera that refuses it, whichever way, still gives its pictures: the value is why there
 * is none, undefined where there is. Throws the Outcome 'audio_refused' where the connection did not survive the question.
 */
export async function setUpSound(setup: TrackSetup, choice: AudioChoice): Promise<string | undefined> {
  if ('unsupported' in choice) return choice.unsupported;
  let reason: string | undefined;
  try {
    const asked = await setup.media.askSound();
    const { response } = await setUpTrack(setup, choice.media.control, asked);
    const { status } = response;
    if (status < 200 || status >= 300) reason = `the camera answered ${status} ${response.reason}`.trim();
    else
      reason = await setup.media.acceptSound(
        parseTransport(response.headers.get('Transport') ?? asked),
        choice,
      );
  } catch (error) {
    if (error instanceof Outcome) throw error;
    reason = error instanceof Error ? error.message : String(error);
    // It hung up, or never answered: once more from the beginning, without this question.
    if (error instanceof IngestError) throw new Outcome({ kind: 'audio_refused', reason });
  }
  if (reason !== undefined) setup.media.dropSound();
  return reason;
}

/** By the likelier form of the URL, and once by the other (case 26). */
async function setUpTrack(
  { aggregate, request }: TrackSetup,
  control: string | undefined,
  asked: string,
): Promise<{ url: string; response: RtspResponse }> {
  const [url, other] = setupUrls(aggregate, control);
  const response = await request('SETUP', url, { Transport: asked });
  if (other === undefined || ![400, 404, 454].includes(response.status)) return { url, response };
  return { url: other, response: await request('SETUP', other, { Transport: asked }) };
}
