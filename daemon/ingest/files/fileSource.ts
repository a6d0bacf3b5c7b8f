import { ChosenSource } from '../chosenSource.ts';
import { IngestError } from '../ingestError.ts';
import { RemuxedSource } from '../remux/remuxedSource.ts';
import type { Remuxer } from '../remux/remuxer.ts';
import { holdsPictures, kindOf } from './fileKind.ts';
import { parseFileUrl } from './fileUrl.ts';
import { PictureLoop } from './pictureLoop.ts';

export interface FileSourceOptions {
  readonly url: string;
  readonly remuxer: Promise<Remuxer>;
  readonly stallTimeout?: number | undefined;
}

/** What lies on this machine, again and again, as if a camera sent it: pictures, or a video with its sound. */
export class FileSource extends ChosenSource<FileSourceOptions> {
  protected async choose(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    const { url: text, remuxer, stallTimeout } = this.options;
    const url = parseFileUrl(text);
    if ('invalid' in url)
      throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
    const { path } = url;
    const { counters } = this;
    if ((await kindOf(path)) === 'folder' || (await holdsPictures(path)))
      return this.play(new PictureLoop(url, this.sink, counters), signal);
    if (url.fps !== undefined)
      throw new IngestError('invalid_url', 'a video has its own speed: ?fps= is for pictures', {
        place: path,
      });
    const video = {
      place: path,
      input: { kind: 'file', path },
      transport: 'file',
      remuxer,
      stallTimeout,
      counters,
    } as const;
    return this.play(new RemuxedSource(video, this.sink), signal);
  }
}
