/** Media Source Extensions as the browsers have them. */

/** iPhones have no other (iOS 17.1). It may take pictures out of the buffer, which is all that matters here. */
declare const ManagedMediaSource: typeof MediaSource | undefined;

type MediaSourceClass = typeof MediaSource;

export function mediaSourceClass(): MediaSourceClass | undefined {
  if (typeof MediaSource !== 'undefined') return MediaSource;
  return typeof ManagedMediaSource === 'undefined' ? undefined : ManagedMediaSource;
}

export function hasMediaSource(): boolean {
  return mediaSourceClass() !== undefined;
}

/** What `isTypeSupported` and `addSourceBuffer` are asked: the camera's real codec, not one that is like it. */
export function mimeOf(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

export function playsType(codec: string): boolean {
  return mediaSourceClass()?.isTypeSupported(mimeOf(codec)) === true;
}

/** A new one for each player: one that was used before can open late, for the connection before. */
export function attachMediaSource(
  video: HTMLMediaElement,
): { source: MediaSource; detach: () => void } | undefined {
  const kind = mediaSourceClass();
  if (!kind) return undefined;
  const source = new kind();
  if (typeof MediaSource === 'undefined') {
    // Safari opens a managed one only where AirPlay is out of the question.
    video.disableRemotePlayback = true;
    video.srcObject = source;
    return {
      source,
      detach: () => {
        video.srcObject = null;
      },
    };
  }
  const url = URL.createObjectURL(source);
  video.src = url;
  return {
    source,
    detach: () => {
      URL.revokeObjectURL(url);
      video.removeAttribute('src');
      // Else Chromium keeps the decoder until the garbage is collected.
      video.load();
    },
  };
}
