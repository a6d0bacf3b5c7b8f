/** /proc/self/mountinfo (proc_pid_mountinfo(5)). Pure and total. */

export interface Mount {
  /** `major:minor` */
  readonly device: string;
  readonly target: string;
  readonly kind: string;
  readonly source: string;
  /** Neither the mount nor the file system may be written. ext4 makes itself so after an error (errors=remount-ro). */
  readonly readOnly: boolean;
}

/** Lines of another form count for nothing. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((row) => {
    const [before = '', after = ''] = row.split(' - ', 2);
    const [, , device, , target, options] = before.split(' ');
    const [kind, source, superOptions = ''] = after.split(' ');
    if (!device || !target || !options || !kind || source === undefined) return [];
    const readOnly = [options, superOptions].some((list) => list.split(',').includes('ro'));
    return [{ device, target: unescaped(target), kind, source: unescaped(source), readOnly }];
  });
}

/** The file system that a path lies on. Of two on one folder the later covers the earlier. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const inside =
      mount.target === '/' || path === mount.target || path.startsWith(`${mount.target}/`)
        ? mount
        : undefined;
    if (inside && inside.target.length >= (best?.target.length ?? 0)) best = inside;
  }
  return best;
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
