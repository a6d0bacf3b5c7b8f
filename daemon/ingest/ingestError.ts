/**
 * Why a camera's stream ended, in words that a supervisor can act upon.
 *
 * invalid_url: the address is none · unreachable: no TCP connection (refused, no route, DNS, connect timeout) ·
 * timeout: connected, but a request was not answered · closed: the camera ended a live stream ·
 * stalled: playing, but no RTP · refused: 401/403 with the credentials that we have · busy: 453/503 ·
 * not_found: 404 · unsupported: no video that we take, or no transport that both sides take ·
 * certificate: over TLS, and it is not the camera's that was seen before · protocol: an answer that we cannot use · redirect_loop: more than three redirections
 */
export type IngestErrorCode =
  | 'invalid_url'
  | 'unreachable'
  | 'timeout'
  | 'closed'
  | 'stalled'
  | 'refused'
  | 'busy'
  | 'not_found'
  | 'unsupported'
  | 'certificate'
  | 'protocol'
  | 'redirect_loop';

/** The one error that a session with a camera throws. Its texts never hold credentials. */
export class IngestError extends Error {
  override readonly name = 'IngestError';
  readonly code: IngestErrorCode;
  /** RTSP or HTTP status of the answer that decided, where there was one. */
  readonly status: number | undefined;
  /** Request and URL (without credentials) or the connection it happened on, e.g. `DESCRIBE rtsp://10.0.0.5/main`. */
  readonly place: string;

  constructor(
    code: IngestErrorCode,
    message: string,
    details: { place: string; status?: number | undefined; cause?: unknown },
  ) {
    super(`${message} (${details.place})`, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.place = details.place;
  }
}

/** What a status other than 2xx means for us (RFC 2326 §11, RFC 9110 §15; capacity errors: case 56). */
function codeOfStatus(status: number): IngestErrorCode {
  if (status === 401 || status === 403) return 'refused';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 453 || status === 503) return 'busy';
  if (status === 461 || status === 415 || status === 505) return 'unsupported';
  return 'protocol';
}

/** The error for an answer with a status other than 2xx. `credentials`: we had some to give. */
export function statusError(
  answer: { status: number; reason: string },
  place: string,
  credentials: boolean,
): IngestError {
  const { status } = answer;
  const code = codeOfStatus(status);
  const said = `${status} ${answer.reason}`.trim();
  let message = `the camera answered ${said}`;
  if (code === 'busy') message = `the camera has no session left: ${said}`;
  else if (status === 401 && !credentials) message = `the camera wants a user name and a password: ${said}`;
  else if (status === 401) message = `the camera refuses this user name or password: ${said}`;
  else if (status === 403) message = `the camera forbids it: ${said}`;
  return new IngestError(code, message, { place, status });
}
