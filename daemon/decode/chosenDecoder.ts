import type { Logger } from 'pino';
import type { FfmpegBinary } from './ffmpegChoice.ts';
import { type DecodeChoice, probeDecoders } from './hwaccel.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * The decoder that passed the self-test. It may be tested again, after a driver was installed or the hardware failed: every
 * rendition holds this same object, so that each child started from then on is of the new choice.
 */
export class ChosenDecoder implements DecodeChoice {
  readonly #probe: () => Promise<DecodeChoice>;
  #choice: DecodeChoice;
  #running: Promise<void> | undefined;

  private constructor(probe: () => Promise<DecodeChoice>, choice: DecodeChoice) {
    this.#probe = probe;
    this.#choice = choice;
  }

  /** Never rejects: software is always there. */
  static async find(ffmpeg: FfmpegBinary, sandbox: Sandbox, log: Logger): Promise<ChosenDecoder> {
    const probe = () => probeDecoders(ffmpeg, sandbox, log);
    return new ChosenDecoder(probe, await probe());
  }

  get chosen(): DecodeChoice['chosen'] {
    return this.#choice.chosen;
  }
  get device(): DecodeChoice['device'] {
    return this.#choice.device;
  }
  get env(): DecodeChoice['env'] {
    return this.#choice.env;
  }
  get codecs(): DecodeChoice['codecs'] {
    return this.#choice.codecs;
  }
  get reason(): DecodeChoice['reason'] {
    return this.#choice.reason;
  }
  get candidates(): DecodeChoice['candidates'] {
    return this.#choice.candidates;
  }

  /** Tests every candidate again and takes the first that works. undefined: such a test is under way already. */
  retest(): Promise<void> | undefined {
    if (this.#running) return undefined;
    this.#running = this.#retest().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #retest(): Promise<void> {
    this.#choice = await this.#probe();
  }
}
