/** On which file system a folder lies, by the kernel's list of mounts. Pure. */

/** Of `/proc/self/mountinfo` (proc_pid_mountinfo(5)): the fifth field of each line, with blanks as `\040`. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point?.startsWith('/') ? [point.replace(/\\([0-7]{3})/g, (_, code) => octal(code))] : [];
  });
}

function octal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}

/** The mount point that the path lies below, or is. `/` where there is no other. @param path without links in it */
export function mountPointOf(path: string, points: readonly string[]): string {
  return points
    .filter((point) => isWithin(path, point))
    .reduce((deepest, point) => (point.length > deepest.length ? point : deepest), '/');
}

/** A file system that was mounted there is not any more: the path lies on the one below it now. */
export function isUnmounted(remembered: string, now: string): boolean {
  return now !== remembered && isWithin(remembered, now);
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
