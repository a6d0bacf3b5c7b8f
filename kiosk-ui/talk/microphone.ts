import worklet from './pieces.worklet.ts?worker&url';

export interface Microphone {
  /** Hz of the samples. */
  readonly sampleRate: number;
  close(): void;
}

/** insecure: browsers give a page a microphone over HTTPS only · denied: nobody allowed it · missing: there is none */
export type NoMicrophone = 'insecure' | 'denied' | 'missing';

/** Why there is no microphone. */
export class MicrophoneError extends Error {
  readonly why: NoMicrophone;
  constructor(why: NoMicrophone, cause?: unknown) {
    super(why, { cause });
    this.why = why;
  }
}

/**
 * Asks for the microphone, and hands on what it hears: 16 bits, one channel, 20 ms at a time. Echo is cancelled, since the camera's
 * own sound may come from this computer's loudspeaker. @throws MicrophoneError
 */
export async function openMicrophone(heard: (samples: ArrayBuffer) => void): Promise<Microphone> {
  if (!isSecureContext || !navigator.mediaDevices) throw new MicrophoneError('insecure');
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const stream = await navigator.mediaDevices.getUserMedia({ audio }).catch((error: DOMException) => {
    throw new MicrophoneError(error.name === 'NotFoundError' ? 'missing' : 'denied', error);
  });
  const context = new AudioContext();
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(worklet);
    const pieces = new AudioWorkletNode(context, 'pieces', { numberOfOutputs: 0 });
    pieces.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => heard(data);
    context.createMediaStreamSource(stream).connect(pieces);
    await context.resume();
  } catch (error) {
    close();
    throw error;
  }
  return { sampleRate: context.sampleRate, close };
}
