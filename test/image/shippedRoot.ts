/** The root that a container boots the image's /usr in, put together as the initrd does it on a disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerOptions } from './container.ts';

/**
 * @param usr the file system, a file
 * @param folder for what the box writes: changes of /etc in `upper`, where files may be laid before it boots, and `var`
 */
export function shippedRoot(
  usr: string,
  folder: string,
): Required<Pick<ContainerOptions, 'root' | 'prepare'>> {
  const [root, upper, work, writable] = ['root', 'upper', 'work', 'var'].map((name) => join(folder, name));
  for (const path of [root, upper, work, writable]) mkdirSync(path ?? '', { recursive: true });
  return {
    root: root ?? '',
    prepare: `
      mount -t tmpfs none "$root"
      mkdir -p "$root"/{usr,etc,var,run,tmp,proc,sys,dev,root}
      for link in bin sbin lib lib64; do ln -s usr/$link "$root/$link"; done
      mount -o ro,loop '${usr}' "$root/usr"
      mount -t overlay etc "$root/etc" -o lowerdir="$root/usr/share/factory/etc",upperdir='${upper}',workdir='${work}'
      mount --bind '${writable}' "$root/var"`,
  };
}
