import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { type Failure, type Result, request } from '../api/request.ts';
import { noticeRefusal } from './session.ts';

export interface Reading<T> {
  /** The newest that was read; undefined before the first. Stays when a later reading fails. */
  value: ReadonlySignal<T | undefined>;
  failure: ReadonlySignal<Failure | undefined>;
  again: () => void;
}

/**
 * GETs `path` when the component appears, whenever one of `when` changes, and every `every` milliseconds. An answer that
 * was overtaken by a newer question is thrown away.
 */
export function useRead<T>(
  path: string | undefined,
  { when = [], every }: { when?: readonly ReadonlySignal<unknown>[]; every?: number } = {},
): Reading<T> {
  const state = useMemo(
    () => ({
      value: signal<T | undefined>(undefined),
      failure: signal<Failure | undefined>(undefined),
      asked: 0,
    }),
    [path],
  );
  const again = async () => {
    if (path === undefined) return;
    const asked = ++state.asked;
    const answer: Result<T> = await request<T>('GET', path);
    if (asked !== state.asked) return;
    if (answer.ok) state.value.value = answer.value;
    else noticeRefusal(answer);
    state.failure.value = answer.ok ? undefined : answer;
  };
  const versions = when.map((one) => one.value);
  useEffect(() => {
    void again();
  }, [path, ...versions]);
  useEffect(() => {
    if (every === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) void again();
    }, every);
    return () => clearInterval(timer);
  }, [path, every]);
  return { value: state.value, failure: state.failure, again: () => void again() };
}
