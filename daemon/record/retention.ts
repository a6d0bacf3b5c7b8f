/** Which segments have to go. Pure. */

export interface KeptSegment {
  id: number;
  camera: string;
  /** Unix milliseconds of its end. */
  until: number;
  bytes: number;
  /** Somebody wants to keep it, whatever happens. */
  protected: boolean;
}

export interface RetentionRules {
  /** Unix milliseconds. */
  now: number;
  /** Days that a camera's segments are kept; undefined: as long as there is room. */
  days: (camera: string) => number | undefined;
  /** Bytes that all segments may take together; undefined: as many as the disk has. */
  mostBytes: number | undefined;
  /** Bytes that must be freed, for the disk to have its least free space. */
  missing: number;
}

const DAY = 86_400_000;

/**
 * @param segments closed ones, the oldest first
 * @param used bytes of all segments, those that are being written included
 * @returns the ids of those that go, the oldest first
 */
export function outdated(segments: readonly KeptSegment[], used: number, rules: RetentionRules): number[] {
  const gone: number[] = [];
  let excess = Math.max(rules.mostBytes === undefined ? 0 : used - rules.mostBytes, rules.missing);
  for (const { id, camera, until, bytes, protected: kept } of segments) {
    if (kept) continue;
    const days = rules.days(camera);
    const old = days !== undefined && until < rules.now - days * DAY;
    if (!old && excess <= 0) continue;
    gone.push(id);
    excess -= bytes;
  }
  return gone;
}
