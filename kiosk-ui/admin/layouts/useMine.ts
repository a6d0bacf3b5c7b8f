import { useEffect, useRef, useState } from 'preact/hooks';

export interface Mine<T> {
  /** What is edited here differs from what is saved. */
  unsaved: boolean;
  /** Somebody else saved this meanwhile, and it differs from what is edited here. */
  conflict: T | undefined;
  takeTheirs: () => void;
  /** The next saving overwrites theirs. */
  keepMine: () => void;
  /** Before sending, so that the daemon’s echo is not taken for somebody else’s change. */
  sending: (value: T) => void;
  saved: (value: T) => void;
}

/**
 * What is edited here beside what the daemon has. While nothing is edited theirs is followed silently; otherwise nothing
 * that was done here is lost: the user is told and decides.
 */
export function useMine<T>({
  theirs,
  mine,
  same,
  adopt,
}: {
  /** As read last; undefined before the first. */
  theirs: T | undefined;
  mine: T | undefined;
  same: (a: T, b: T) => boolean;
  adopt: (value: T) => void;
}): Mine<T> {
  const [base, setBase] = useState<T>();
  const [conflict, setConflict] = useState<T>();
  const sent = useRef<T>(undefined);
  useEffect(() => {
    if (theirs === undefined) return;
    if (base === undefined || mine === undefined) {
      setBase(theirs);
      adopt(theirs);
      return;
    }
    if (same(theirs, base)) return;
    if (same(theirs, mine) || (sent.current !== undefined && same(theirs, sent.current))) {
      setBase(theirs);
      setConflict(undefined);
    } else if (same(mine, base)) {
      setBase(theirs);
      adopt(theirs);
    } else {
      setConflict(theirs);
    }
  }, [theirs]);
  return {
    unsaved: base !== undefined && mine !== undefined && !same(base, mine),
    conflict,
    takeTheirs: () => {
      if (conflict === undefined) return;
      setBase(conflict);
      adopt(conflict);
      setConflict(undefined);
    },
    keepMine: () => {
      if (conflict !== undefined) setBase(conflict);
      setConflict(undefined);
    },
    sending: (value) => {
      sent.current = value;
    },
    saved: (value) => {
      setBase(value);
      setConflict(undefined);
    },
  };
}
