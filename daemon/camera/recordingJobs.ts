/** Which cameras record what they see, on a card or a disk of their own: from their ONVIF events. */
import type { Notification } from './onvifEventReply.ts';

/** One recording job of a camera, as an event tells of it. */
export interface RecordingJob {
  readonly token: string;
  readonly active: boolean;
}

/** More jobs of one camera are not kept: it has one for each of its recordings. */
const MOST_JOBS = 32;

/**
 * `tns1:RecordingConfig/JobState` (ONVIF Recording Control §5.26): Active, PartiallyActive, Idle or Error. Undefined for
 * other events. Pure.
 */
export function recordingJob({ topic, operation, source, data }: Notification): RecordingJob | undefined {
  if (topic.toLowerCase() !== 'recordingconfig/jobstate') return undefined;
  const state = (data.get('state') ?? '').toLowerCase();
  return {
    token: source.get('recordingjobtoken') ?? '',
    active: operation !== 'deleted' && (state === 'active' || state === 'partiallyactive'),
  };
}

/** Known only while somebody listens to the camera: who listens forgets it when he does no more. */
export class RecordingJobs {
  #active = new Map<string, Set<string>>();

  is(camera: string): boolean {
    return (this.#active.get(camera)?.size ?? 0) > 0;
  }

  /** True when the camera began or ceased to record by it. */
  tell(camera: string, { token, active }: RecordingJob): boolean {
    const before = this.is(camera);
    const jobs = this.#active.get(camera) ?? new Set();
    if (!active) jobs.delete(token);
    else if (jobs.size < MOST_JOBS) jobs.add(token);
    if (jobs.size > 0) this.#active.set(camera, jobs);
    else this.#active.delete(camera);
    return this.is(camera) !== before;
  }

  /** True when it was known to record. */
  forget(camera: string): boolean {
    return this.#active.delete(camera);
  }
}
