import { FileSource } from './files/fileSource.ts';
import { isFileUrl } from './files/fileUrl.ts';
import { HttpSource } from './http/httpSource.ts';
import { AddressSource, isSpokenUrl } from './remux/addressSource.ts';
import type { Remuxer } from './remux/remuxer.ts';
import { RtspSession, type RtspSessionOptions } from './rtspSession.ts';
import type { SourceSession, SourceSink } from './sourceSession.ts';
import { V4l2Source } from './v4l2/v4l2Source.ts';
import { isV4l2Url } from './v4l2/v4l2Url.ts';

export interface SourceOptions extends RtspSessionOptions {
  /** For what we do not speak ourselves. Perhaps still looked for. */
  readonly remuxer: Promise<Remuxer>;
}

/** The session that the address asks for. */
export function openSource(options: SourceOptions, sink: SourceSink): SourceSession {
  if (isFileUrl(options.url)) return new FileSource(options, sink);
  if (isV4l2Url(options.url)) return new V4l2Source(options, sink);
  if (isSpokenUrl(options.url)) return new AddressSource(options, sink);
  const isHttp = /^\s*https?:/i.test(options.url);
  return isHttp ? new HttpSource(options, sink) : new RtspSession(options, sink);
}
