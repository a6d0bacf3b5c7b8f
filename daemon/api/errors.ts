import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** A request that cannot be met; the client sees `status`, `code` and `message` as they are. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  /** Seconds, for the Retry-After header. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options?: { cause?: unknown; retryAfter?: number },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.retryAfter = options?.retryAfter;
  }
}

interface Answer {
  status: number;
  code: string;
  message: string;
}

/** Largest request body, bytes. The largest honest one is a thousand streams, about 300 kB. */
export const BODY_LIMIT = 1024 * 1024;

/** What fastify itself refuses, in our words. */
const FASTIFY_ANSWERS: Record<string, Answer> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'body_too_large',
    message: `The body is larger than ${BODY_LIMIT} bytes. Send fewer streams in one request.`,
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    message: 'Send the body as JSON, with the header Content-Type: application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'invalid_content_length',
    message: 'The body’s length differs from the Content-Length header.',
  },
  FST_ERR_BAD_URL: {
    status: 400,
    code: 'invalid_url',
    message:
      'The address holds a percent sign that is not followed by two hexadecimal digits of valid UTF-8.',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 400,
    code: 'invalid_name',
    message: 'The name in the address is too long: 1 to 64 of A–Z a–z 0–9 _ - are allowed.',
  },
};

/** Statuses of the store's errors that a client can do something about. */
const STORE_STATUS: Record<string, number> = { exists: 409, not_found: 404, io: 503 };

/** The answer for anything thrown in a handler; undefined for what only the log may know. */
function answerFor(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code, message } = error;
  if ('status' in error && typeof error.status === 'number') return { status: error.status, code, message };
  if (error.name === 'StoreError' && STORE_STATUS[code]) return { status: STORE_STATUS[code], code, message };
  // The camera's failure, not ours. Never 401, on which browsers ask for a password.
  if (error.name === 'OnvifError')
    return { status: code === 'refused' ? 400 : 502, code: `onvif_${code}`, message };
  const known = FASTIFY_ANSWERS[code];
  if (known) return known;
  const clientsFault =
    'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500;
  return clientsFault && code.startsWith('FST_')
    ? { status: error.statusCode as number, code: 'invalid_request', message }
    : undefined;
}

/** The one error handler: every failure becomes `{ error: { code, message } }`, never a stack trace. */
export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  let answer = answerFor(error);
  if (!answer) {
    request.log.error(
      { err: error, method: request.method, url: request.routeOptions.url },
      'request failed',
    );
    answer = {
      status: 500,
      code: 'internal',
      message: 'Something failed inside the daemon that should not have; its log says what.',
    };
  }
  if (error instanceof ApiError && error.retryAfter !== undefined)
    reply.header('Retry-After', error.retryAfter);
  reply.code(answer.status).type('application/json; charset=utf-8').serializer(JSON.stringify);
  reply.send({ error: { code: answer.code, message: answer.message } });
}

/** Thrown for whatever path no route answers. */
export function routeNotFound(request: FastifyRequest): ApiError {
  const path = request.url.split('?')[0]?.slice(0, 100);
  return new ApiError(
    404,
    'not_found',
    `There is nothing at ${request.method} ${path}. GET /api/docs lists every address.`,
  );
}

/** Says where a body that is no JSON breaks off. It does not quote the body, which may hold a password. */
export function brokenJson(body: string): ApiError {
  let place = '';
  try {
    JSON.parse(body);
    place = ': it has a "__proto__" or "constructor" field';
  } catch (error) {
    const at = /at position \d+ \(line (\d+) column (\d+)\)/.exec((error as Error).message);
    if (at) place = ` in line ${at[1]}, column ${at[2]}`;
    else if (/end of JSON/.test((error as Error).message)) place = ': it ends too early';
  }
  return new ApiError(
    400,
    'invalid_json',
    `The body is not valid JSON${place}. Check quotes, commas and brackets.`,
  );
}

const CLIENT_ERRORS: Record<string, [status: string, code: string, message: string]> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'headers_too_large',
    'The request’s headers are too large.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    '413 Payload Too Large',
    'body_too_large',
    'The body’s chunks are malformed.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    'request_timeout',
    'The request took too long to arrive.',
  ],
};

/** Answers what is not HTTP, or not in time, on the bare socket, and closes it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = CLIENT_ERRORS[error.code ?? ''] ?? [
    '400 Bad Request',
    'invalid_http',
    'This is not a valid HTTP request.',
  ];
  const body = JSON.stringify({ error: { code, message } });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // A client that never reads must not keep the socket.
  setTimeout(() => socket.destroy(), 2000).unref();
}
