/** What a request is answered (RFC 2326 §7). Pure. */

const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  551: 'Option not supported',
} as const;
export type Status = keyof typeof REASONS;

export interface Answer {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  /** To be done once the answer is on its way. */
  readonly afterwards?: () => void;
}

export const reasonOf = (status: Status): string => REASONS[status];

export const refusal = (status: Status, headers: Answer['headers'] = {}): Answer => ({ status, headers });

/** Not now: clients may try again after so many seconds. */
export const unavailable = (seconds: number): Answer =>
  refusal(503, { 'Retry-After': String(Math.ceil(seconds)) });
