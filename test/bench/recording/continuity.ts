/** Whether pictures that were recorded follow one another as they were sent. Pure. */

export interface RecordedPicture {
  /** Unix seconds. */
  time: number;
  /** The camera's number of it; they begin again after `frames`. */
  stamp: number;
}

export interface Gap {
  /** Unix seconds: the last picture before it, the first one after it. */
  from: number;
  to: number;
  /** That are missing. */
  pictures: number;
}

export interface Continuity {
  gaps: Gap[];
  /** How often what follows was there already. */
  repeated: number;
}

/** @param pictures of one camera, in the order of their files @param frames of the camera's clip */
export function continuityOf(pictures: readonly RecordedPicture[], fps: number, frames: number): Continuity {
  const gaps: Gap[] = [];
  let repeated = 0;
  for (const [i, { time, stamp }] of pictures.entries()) {
    const before = pictures[i - 1];
    if (!before) continue;
    const step = (stamp - before.stamp + frames) % frames;
    // How often the clip went round meanwhile: by the time, which need not be exact for that.
    const rounds = Math.round(((time - before.time) * fps - step) / frames);
    const advanced = step + rounds * frames;
    if (advanced < 1) repeated++;
    else if (advanced > 1) gaps.push({ from: before.time, to: time, pictures: advanced - 1 });
  }
  return { gaps, repeated };
}
