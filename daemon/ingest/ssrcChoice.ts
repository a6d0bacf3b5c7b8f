/** The old source must be silent this long (ms), and the new one have sent this many packets, before it is followed. */
const SILENCE = 1000;
const FLOWING = 2;

/**
 * Which synchronisation source to believe. Reolink RLC-410 IPC_3816M mixes two SSRCs on one channel, and live555
 * before 2017.06.04 sends a dead session's packets into a new one (cases 44, 45). So: keep to the promised or the
 * first one; follow another only when the old one is silent and the other flows, as after a restart of the encoder,
 * or where the Transport header promised rubbish.
 */
export class SsrcChoice {
  #chosen: number | undefined;
  #heard: number | undefined;
  #other: { ssrc: number; packets: number } | undefined;

  /** `promised`: from the Transport header, if there was one. */
  constructor(promised: number | undefined) {
    this.#chosen = promised;
  }

  get chosen(): number | undefined {
    return this.#chosen;
  }

  /** `keep`: of the chosen source; `switch`: of a source that is chosen from now on; `drop`: of any other. */
  judge(ssrc: number, arrival: number): 'keep' | 'switch' | 'drop' {
    this.#chosen ??= ssrc;
    if (ssrc === this.#chosen) {
      this.#heard = arrival;
      this.#other = undefined;
      return 'keep';
    }
    // A promised source that was never heard is given its second from the first packet of another on.
    this.#heard ??= arrival;
    if (this.#other?.ssrc === ssrc) this.#other.packets++;
    else this.#other = { ssrc, packets: 1 };
    if (this.#other.packets < FLOWING || arrival - this.#heard <= SILENCE) return 'drop';
    this.#chosen = ssrc;
    this.#heard = arrival;
    this.#other = undefined;
    return 'switch';
  }
}
