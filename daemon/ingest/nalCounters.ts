/** What a depacketizer of NAL units has counted. Plain numbers, changed in place. */
export interface NalCounters {
  /** Access units handed on, and how many of them were key. */
  units: number;
  keyUnits: number;
  /** Pictures given up after the first key picture: broken by loss, or not decodable because of an earlier one. */
  droppedUnits: number;
  /** Pictures before the first key picture, as every join of a running stream has them. */
  skippedUnits: number;
  /** Pictures larger than the limit (among the dropped ones). */
  oversizeUnits: number;
  /** Fragmented NAL units whose beginning or end never came, without any packet missing. */
  brokenNals: number;
  /** Packets or NAL units that are none of the coding. */
  malformed: number;
  /** Packets of the interleaved mode (H.264: STAP-B, MTAP, FU-B; H.265: PACI), which nothing we know sends. */
  unsupported: number;
  /** Parameter sets that could not be parsed. */
  badParameterSets: number;
  /** Markers in the middle of a picture. From the first on, markers are not believed. */
  wrongMarkers: number;
}

export function newNalCounters(): NalCounters {
  return {
    units: 0,
    keyUnits: 0,
    droppedUnits: 0,
    skippedUnits: 0,
    oversizeUnits: 0,
    brokenNals: 0,
    malformed: 0,
    unsupported: 0,
    badParameterSets: 0,
    wrongMarkers: 0,
  };
}
