import type { Logger } from 'pino';
import { aacForm, aacParameters, needsTranscoding } from '../decode/audioArgs.ts';
import { AudioTranscoder, type AudioTranscoderOptions } from '../decode/audioTranscoder.ts';
import type { AudioParameters } from '../frame.ts';
import type { Library } from '../record/library.ts';
import { cutOverlap } from '../record/overlap.ts';
import { Recorder } from '../record/recorder.ts';
import { CameraTape, type CameraTapeOptions } from './cameraTape.ts';
import type { Handovers } from './handovers.ts';
import type { StreamSource } from './streamSource.ts';

export interface TapeWish extends Omit<CameraTapeOptions, 'recorder' | 'sound'> {
  supervisor: CameraTapeOptions['supervisor'] & { readonly source: Pick<StreamSource, 'name' | 'camera'> };
  library: Library;
  /** Where sessions outlive the daemon; undefined: nowhere. */
  handovers?: Pick<Handovers, 'want'> | undefined;
  /** Something could not be written. */
  failed: (error: NodeJS.ErrnoException) => void;
  /** To code telephone sound anew, which MP4 does not take; undefined: it is left out. */
  tools: AudioTranscoderOptions['tools'] | undefined;
  log: Logger;
}

/** A camera's stream into the files of a library. */
export function openTape({ library, handovers, failed, tools, log, ...wish }: TapeWish): CameraTape {
  const { name: stream, camera } = wish.supervisor.source;
  const supervisor: CameraTapeOptions['supervisor'] = {
    watch: (see) => {
      const release = handovers?.want(stream);
      const leave = wish.supervisor.watch(see);
      return () => {
        release?.();
        leave();
      };
    },
    watchSound: (listener) => wish.supervisor.watchSound(listener),
  };
  const recorder = new Recorder({
    camera,
    stream,
    folder: library.folder,
    index: library.index,
    mayBegin: () => library.check(),
    makeRoom: (bytes) => library.makeRoom(bytes),
    cutOverlap: (beginning) => cutOverlap(library, beginning),
    failed,
  });
  const coder =
    tools && ((frame: AudioTranscoderOptions['frame']) => new AudioTranscoder({ tools, frame, log }));
  return new CameraTape({ ...wish, supervisor, recorder, sound: coder && { coder, comesAs } });
}

/** undefined: as it is. */
function comesAs(audio: AudioParameters): AudioParameters | undefined {
  return needsTranscoding(audio) ? aacParameters(aacForm(audio)) : undefined;
}
