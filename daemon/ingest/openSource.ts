import { isFileUrl } from './files/fileUrl.ts';
import { PictureLoop } from './files/pictureLoop.ts';
import { HttpPictures } from './http/httpPictures.ts';
import { RtspSession, type RtspSessionOptions } from './rtspSession.ts';
import type { SourceSession, SourceSink } from './sourceSession.ts';

export type SourceOptions = RtspSessionOptions;

/** The session that the address asks for. */
export function openSource(options: SourceOptions, sink: SourceSink): SourceSession {
  if (isFileUrl(options.url)) return new PictureLoop(options, sink);
  const isHttp = /^\s*https?:/i.test(options.url);
  return isHttp ? new HttpPictures(options, sink) : new RtspSession(options, sink);
}
