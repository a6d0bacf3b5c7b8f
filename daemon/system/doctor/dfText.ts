/** `df --output=target,fstype,size,avail,itotal,iavail --block-size=1`. Pure and total. */

export interface Space {
  readonly target: string;
  readonly kind: string;
  /** Bytes; what ordinary users may still write. */
  readonly size: number;
  readonly free: number;
  /** Files that there can be, and may still be made; undefined: it has no such limit (vfat, btrfs). */
  readonly files: number | undefined;
  readonly filesFree: number | undefined;
}

export function parseDf(text: string): Space[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const match = /^(\S.*?)\s+(\S+)\s+(\d+)\s+(\d+)\s+(\d+|-)\s+(\d+|-)\s*$/.exec(row.slice(0, 4096));
      if (!match) return [];
      const [, target = '', kind = '', size, free, files, filesFree] = match;
      const count = Number(files) > 0 ? Number(files) : undefined;
      return [
        {
          target,
          kind,
          size: Number(size),
          free: Number(free),
          files: count,
          filesFree: count === undefined ? undefined : Number(filesFree) || 0,
        },
      ];
    });
}
