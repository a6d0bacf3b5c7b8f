/**
 * unreachable: no TCP connection, or it broke · timeout: connected, no answer · refused: user name or password ·
 * not_onvif: something else answered · fault: the camera answered with a SOAP fault or an answer that cannot be read
 */
export type OnvifErrorCode = 'unreachable' | 'timeout' | 'refused' | 'not_onvif' | 'fault';

/** Never holds a password. */
export class OnvifError extends Error {
  readonly code: OnvifErrorCode;
  /** `host:port` and the call that failed. */
  readonly place: string;

  constructor(code: OnvifErrorCode, message: string, place: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OnvifError';
    this.code = code;
    this.place = place;
  }
}
