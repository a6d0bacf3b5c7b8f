import type { OnvifDescription, Ptz, PtzCommand } from '../schema.ts';
import type { EncoderOutcome, EncoderWish } from './encoderChoice.ts';
import type { OnvifErrorCode } from './onvifError.ts';

/** What a thread that speaks ONVIF can be asked, and what it answers. */
export interface OnvifJobs {
  describe: { ask: undefined; answer: OnvifDescription };
  /** `profiles`: tokens, the likeliest first, of the profile that is moved. */
  ptz: { ask: { profiles: readonly string[] }; answer: Ptz };
  ptz_command: { ask: { profiles: readonly string[]; command: PtzCommand }; answer: undefined };
  set_encoder: { ask: { profile: string; wish: EncoderWish }; answer: EncoderOutcome };
  /** `profile`: token. */
  key_picture: { ask: { profile: string }; answer: undefined };
  /** What the camera says to it. */
  reboot: { ask: undefined; answer: string | null };
  /** Sets the camera's clock by ours. Seconds that it was, and is, ahead. */
  set_clock: { ask: undefined; answer: { before: number | null; after: number | null } };
}
export type OnvifJob = keyof OnvifJobs;

export interface JobRequest {
  readonly id: number;
  readonly job: OnvifJob;
  readonly ask: unknown;
}
export type JobReply =
  | { readonly id: number; readonly answer: unknown }
  | {
      readonly id: number;
      readonly code: OnvifErrorCode;
      readonly message: string;
      readonly place: string;
    };
