import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { type Failure, type Method, type RequestOptions, type Result, request } from '../api/request.ts';
import { noticeRefusal } from './session.ts';

/** One thing that the user does: whether it is being done, and what went wrong. */
export interface Action {
  busy: boolean;
  failure: Failure | undefined;
  clear: () => void;
  /** While one is under way another one is not begun. */
  send: <T>(
    method: Exclude<Method, 'GET'>,
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ) => Promise<Result<T>>;
}

const BUSY: Failure = { ok: false, status: undefined, code: 'busy', message: '' };

export function useAction(): Action {
  const state = useMemo(() => ({ busy: signal(false), failure: signal<Failure | undefined>(undefined) }), []);
  return {
    busy: state.busy.value,
    failure: state.failure.value,
    clear: () => {
      state.failure.value = undefined;
    },
    send: async <T>(
      method: Exclude<Method, 'GET'>,
      path: string,
      body?: unknown,
      options?: RequestOptions,
    ): Promise<Result<T>> => {
      if (state.busy.peek()) return BUSY;
      state.busy.value = true;
      state.failure.value = undefined;
      const answer = await request<T>(method, path, body, options);
      state.busy.value = false;
      if (!answer.ok) {
        state.failure.value = answer;
        noticeRefusal(answer);
      }
      return answer;
    },
  };
}
