/** What a session needs of an ffmpeg that copies. The daemon starts it in its sandbox; types only. */

export interface RemuxJob {
  readonly args: readonly string[];
  /** Files of this machine that it may read; no others. */
  readonly files: readonly string[];
  /** Devices that it may use; no others. */
  readonly devices: readonly string[];
  /** It opens an address itself. */
  readonly network: boolean;
  readonly stdout: (chunk: Buffer) => void;
}

export interface RemuxChild {
  /** Starts it; resolves when it has ended, and never rejects. */
  run(signal: AbortSignal): Promise<RemuxExit>;
  /** false: nobody reads any more. */
  write(data: Buffer): boolean;
  /** Bytes written that were not taken yet. */
  readonly queuedBytes: number;
  end(): void;
  kill(): void;
}

export interface RemuxExit {
  readonly code: number | null;
  /** The end of what it wrote to stderr. */
  readonly lastLines: readonly string[];
  readonly cause?: unknown;
}

export type Remuxer = (job: RemuxJob) => RemuxChild;
