/** A stream's pictures and sound as the camera coded them, on one clock: for those who send both on. */
import type { AudioFrame } from '../frame.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';
import type { VideoPart, VideoViewer } from './streamVideo.ts';

export interface MediaViewer extends VideoViewer {
  /** Given by who wants the sound. `time`: when it is heard, on the clock of the pictures; milliseconds, as `duration`. */
  hear?(sound: Pick<AudioFrame, 'audio' | 'data' | 'duration'> & { time: number }): void;
}

/**
 * Annex B, and frames of sound from the first picture on. The returned function ends it and may be called twice.
 * @throws CameraError where the stream is stopped
 */
export function openMedia(
  supervisor: Pick<StreamSupervisor, 'openVideo' | 'watchSound'>,
  viewer: MediaViewer,
): () => void {
  /** Of the clock that pictures are shown by, before that of their session. */
  let ahead: number | undefined;
  const offer = (part: VideoPart) => {
    if (part.mediaTime !== undefined) ahead = part.time - part.mediaTime;
    viewer.offer(part);
  };
  const leave = supervisor.openVideo('annexb', { offer, end: () => viewer.end() });
  if (!viewer.hear) return leave;
  const silence = supervisor.watchSound(({ audio, data, duration, mediaTime }) => {
    if (ahead !== undefined) viewer.hear?.({ audio, data, duration, time: mediaTime + ahead });
  });
  return () => {
    silence();
    leave();
  };
}
