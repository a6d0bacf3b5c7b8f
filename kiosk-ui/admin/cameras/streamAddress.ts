/**
 * Whether an address is a stream's own, not that of a device to be asked over ONVIF: `rtsp://…`, `rtmp://…`, `file:///…`, `v4l2:///…`, or `http://…` with a
 * path that is not ONVIF's, as M-JPEG, FLV and snapshots have. Pure.
 */
export function isStreamAddress(address: string): boolean {
  const text = address.trim();
  if (/^((rtsps?|rtmp|srt):\/\/|(file|v4l2):)/i.test(text)) return true;
  const path = /^https?:\/\/[^/?]*(.*)$/i.exec(text)?.[1] ?? '';
  return path.length > 1 && !/onvif/i.test(path);
}
