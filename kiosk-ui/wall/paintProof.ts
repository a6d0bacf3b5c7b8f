/** Milliseconds that a picture may stand still on the screen after another one was sent. Less than the daemon waits
 * before it has the picture opened anew, so that the tile says first why. */
const PATIENCE = 2_300;
/** The daemon's report and our look are not of the same instant. */
const SLACK = 100;

/** What the pixels say of one picture. Pure. Milliseconds of the page's clock. */
export interface PaintProof {
  /** Of the pixels that last differed from those before. */
  readonly hash: number;
  readonly changedAt: number;
  /** Of the small and of the large sample; the large one is taken only where the small one has not changed. */
  readonly small: number;
  readonly large: number | undefined;
  /** When the daemon sent the first picture that should have changed the pixels, and has not. */
  readonly fedAt: number | undefined;
}

export function firstLook(small: number, now: number): PaintProof {
  return { hash: small, changedAt: now, small, large: undefined, fedAt: undefined };
}

/**
 * The next look, of a small sample; `large` is asked only when that is unchanged although another picture was sent: a
 * clock in the corner of a quiet room changes few pixels.
 */
export function nextLook(proof: PaintProof, small: number, large: () => number, now: number): PaintProof {
  if (small !== proof.small) return firstLook(small, now);
  if (proof.fedAt === undefined) return proof;
  const seen = large();
  if (proof.large === undefined || proof.large === seen) return { ...proof, large: seen };
  return { ...firstLook(small, now), hash: seen, large: seen };
}

/** The daemon's word: the last picture that differed from the one before it was sent so long ago. */
export function fed(proof: PaintProof, unchangedMs: number | null, now: number): PaintProof {
  if (unchangedMs === null || proof.fedAt !== undefined) return proof;
  const sentAt = now - unchangedMs;
  return sentAt > proof.changedAt + SLACK ? { ...proof, fedAt: sentAt } : proof;
}

/** For how long the screen has stood still although other pictures were sent; undefined: it has not, or hardly. */
export function stuckFor(proof: PaintProof | undefined, now: number): number | undefined {
  if (proof?.fedAt === undefined) return undefined;
  const time = now - proof.fedAt;
  return time >= PATIENCE ? time : undefined;
}
