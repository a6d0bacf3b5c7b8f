/** The thread in which onvif.ts reads one camera; see there why. */
import { parentPort, workerData } from 'node:worker_threads';
import type { OnvifDescription } from '../schema.ts';
import { type DescriptionRequest, readDescription } from './onvifDescription.ts';
import { OnvifError, type OnvifErrorCode } from './onvifError.ts';

export type WorkerResult =
  | { readonly description: OnvifDescription }
  | { readonly code: OnvifErrorCode; readonly message: string; readonly place: string };

const request = workerData as DescriptionRequest;
let result: WorkerResult;
try {
  result = { description: await readDescription(request) };
} catch (error) {
  if (!(error instanceof OnvifError)) throw error;
  result = { code: error.code, message: error.message, place: error.place };
}
parentPort?.postMessage(result);
