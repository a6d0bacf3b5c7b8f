/** Runs an RtspSession against a server for one test, and cleans up after it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { pino } from 'pino';
import type { AccessUnit, AudioFrame } from '../../daemon/frame.ts';
import { IngestError } from '../../daemon/ingest/ingestError.ts';
import {
  type MediaSummary,
  RtspSession,
  type RtspSessionOptions,
  type TransportInUse,
} from '../../daemon/ingest/rtspSession.ts';
import { type Script, type ScriptedServer, startScriptedServer } from './scriptedServer.ts';

export interface Played {
  readonly session: RtspSession;
  readonly units: AccessUnit[];
  readonly frames: AudioFrame[];
  readonly playing: { transport: TransportInUse; video: MediaSummary }[];
  /** 'ended', 'aborted', or the error; never rejects. */
  readonly result: Promise<'ended' | 'aborted' | IngestError>;
  readonly settled: boolean;
  abort(): void;
}

/** Starts a session; it is aborted at the latest when the test ends. */
export function play(t: TestContext, options: Partial<RtspSessionOptions> & { url: string }): Played {
  const units: AccessUnit[] = [];
  const frames: AudioFrame[] = [];
  const playing: Played['playing'] = [];
  const session = new RtspSession(
    { transport: 'tcp', log: pino({ level: 'silent' }), ...options },
    {
      accessUnit: (unit) => units.push(unit),
      audioFrame: (frame) => frames.push(frame),
      playing: (info) => playing.push(info),
    },
  );
  const controller = new AbortController();
  let settled = false;
  const result = session
    .run(controller.signal)
    .catch((error: unknown) => {
      if (error instanceof IngestError) return error;
      throw error;
    })
    .finally(() => {
      settled = true;
    });
  t.after(async () => {
    controller.abort();
    await result;
  });
  return {
    session,
    units,
    frames,
    playing,
    result,
    get settled() {
      return settled;
    },
    abort: () => controller.abort(),
  };
}

/** What ended a session. */
export async function failure(result: Promise<unknown>): Promise<IngestError> {
  const error = await result;
  assert.ok(error instanceof IngestError, `no error: ${error}`);
  return error;
}

/** Starts a scripted server for one test. */
export async function serve(t: TestContext, script: Script = {}, tls?: TlsOptions): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, tls);
  t.after(() => server.close());
  return server;
}
