import { ChosenSource } from '../chosenSource.ts';
import { IngestError } from '../ingestError.ts';
import { listArgs } from '../remux/remuxArgs.ts';
import { RemuxedSource } from '../remux/remuxedSource.ts';
import type { Remuxer } from '../remux/remuxer.ts';
import { remuxFailure } from '../remux/remuxFailure.ts';
import { chooseMode, offeredFormats, type V4l2Mode } from './v4l2Formats.ts';
import { parseV4l2Url, V4L2_FORMATS, type V4l2Url } from './v4l2Url.ts';
import { videoDevice } from './videoDevice.ts';

export interface V4l2SourceOptions {
  readonly url: string;
  readonly remuxer: Promise<Remuxer>;
  readonly stallTimeout?: number | undefined;
  /** Where devices lie; for tests. */
  readonly deviceOf?: (path: string) => Promise<string>;
}

/** Listing takes no longer, milliseconds: a camera that is being plugged in may hang. */
const LISTING = 10_000;

/** A camera at the box’s USB (V4L2) that sends H.264 or M-JPEG, which is taken as it is. One stream at a time can be had of it. */
export class V4l2Source extends ChosenSource<V4l2SourceOptions> {
  protected async choose(signal: AbortSignal): Promise<'ended' | 'aborted'> {
    const url = parseV4l2Url(this.options.url);
    if ('invalid' in url)
      throw new IngestError('invalid_url', url.invalid, { place: 'the stream’s address' });
    const { remuxer, stallTimeout, deviceOf = videoDevice } = this.options;
    const device = await deviceOf(url.path);
    const mode = await this.#mode(device, url, signal);
    const source = new RemuxedSource(
      {
        place: url.path,
        input: { kind: 'v4l2', device, ...mode, fps: url.fps },
        ...{ transport: 'v4l2', remuxer, stallTimeout, counters: this.counters },
      },
      this.sink,
    );
    return this.play(source, signal);
  }

  /** What the camera is set to: what was asked for, else the best that it offers. @throws IngestError */
  async #mode(device: string, url: V4l2Url, signal: AbortSignal): Promise<V4l2Mode> {
    const { format, size, path } = url;
    if (format !== undefined && size !== undefined) return { format, size };
    const remuxer = await this.options.remuxer;
    const child = remuxer({
      args: listArgs(device),
      files: [],
      devices: [device],
      network: false,
      stdout: () => {},
    });
    const exit = await child.run(AbortSignal.any([signal, AbortSignal.timeout(LISTING)]));
    signal.throwIfAborted();
    const offered = offeredFormats(exit.lastLines);
    const mode = chooseMode(offered, url);
    if (mode) return mode;
    // It always ends with an error: there is nothing to be copied.
    const failure = remuxFailure(exit, path, false);
    if (failure.code !== 'closed' && failure.code !== 'protocol') throw failure;
    const has = offered.length > 0 ? `only ${offered.map((one) => one.format).join(', ')}` : 'none of them';
    throw new IngestError(
      'unsupported',
      `of ${(format ? [format] : V4L2_FORMATS).join(' and ')}, which can be taken as they are, the camera offers ${has}`,
      { place: path },
    );
  }
}
