/** What ffmpeg says at its end, in words that a supervisor can act upon. Pure. */
import { IngestError, type IngestErrorCode } from '../ingestError.ts';
import type { RemuxExit } from './remuxer.ts';

/** The first that fits any line decides: what comes first is more particular. */
const SIGNS: readonly (readonly [RegExp, IngestErrorCode, string])[] = [
  [
    /401 Unauthorized|authorization failed|AccessManager\.Reject|authmod=/i,
    'refused',
    'it refuses the user name or password',
  ],
  [/403 Forbidden/i, 'refused', 'it forbids it'],
  [
    /404 Not Found|StreamNotFound|NetStream\.Play\.Failed|No such file or directory/i,
    'not_found',
    'there is no such stream',
  ],
  [/5XX Server Error|503 Service|NetConnection\.Connect\.Rejected/i, 'busy', 'it takes no more viewers'],
  [
    /Connection refused|No route to host|Network is unreachable|Name or service not known|Temporary failure in name resolution|Failed to resolve hostname/i,
    'unreachable',
    'it cannot be reached',
  ],
  [/timed out|Connection setup failure/i, 'timeout', 'it does not answer'],
  [
    /Device or resource busy/i,
    'busy',
    'something else uses the camera: only one stream at a time can be had of it',
  ],
  [/No such device/i, 'unreachable', 'the camera was unplugged'],
  [/Permission denied/i, 'unreachable', 'this box does not let us open it'],
  [/proper format for codec|not a video capture device/i, 'unsupported', 'the camera does not send that'],
  [/tag for codec/i, 'unsupported', 'its pictures are of a coding that is not taken'],
  [/matches no streams|does not contain any stream/i, 'unsupported', 'there are no pictures in it'],
  [
    /Invalid data found|could not find codec parameters|moov atom not found|not yet implemented/i,
    'unsupported',
    'there is no video in it that can be read',
  ],
  [/Connection reset|Broken pipe|Input\/output error|End of file/i, 'closed', 'the connection ended'],
];
/** The container cannot hold the sound as it is. */
const SOUND =
  /(?:tag for|support(?:ed)? .*)?codec .*(?:not currently supported in container|is not supported|could not be found)|Malformed AAC|bitstream filter|Could not write header/i;

/** Whether it failed over the sound: coded anew, or without, it may work. */
export function failedOverSound({ code, lastLines }: RemuxExit): boolean {
  return code !== 0 && lastLines.some((line) => SOUND.test(line));
}

/** @param shown pictures had come before */
export function remuxFailure({ lastLines, cause }: RemuxExit, place: string, shown: boolean): IngestError {
  for (const [sign, code, message] of SIGNS)
    if (lastLines.some((line) => sign.test(line))) return new IngestError(code, message, { place, cause });
  if (shown || lastLines.length === 0)
    return new IngestError('closed', shown ? 'the stream ended' : 'it ended before there was a picture', {
      place,
      cause,
    });
  // ffmpeg's own words may hold the address, and the address a password.
  return new IngestError('protocol', 'ffmpeg cannot read what it sends', { place, cause });
}
