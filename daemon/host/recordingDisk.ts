import type { SiteHost } from '../schema.ts';
import type { HostFile, HostProblem } from './hostFile.ts';

type RecordingDisk = NonNullable<SiteHost['recording_disk']>;

/** Read by image/recordingDisk, which mounts it on /media/recordings. */
const FILE = '/etc/walleye/recording-disk';

/** What nothing on a disk may do that comes from elsewhere; and reading is no reason to write. */
const SAFE = 'nosuid,nodev,noexec,noatime';
/** Seconds: a server that does not answer is given up, and recording goes on when it does. Without `soft` everything would hang. */
const NFS = `${SAFE},soft,timeo=100,retrans=2,nolock,proto=tcp`;
const SMB = `${SAFE},soft,echo_interval=10,file_mode=0640,dir_mode=0750`;

/** Server, and the path that it exports: `nas.local:/volume1/walleye`, `[fd00::9]:/video`. */
const NFS_SOURCE = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253}):(\/[^\s,"\\]{0,255})$/;
/** `//nas/video`, and a folder in it: `//nas/video/lobby`. */
const SMB_SOURCE = /^\/\/([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]+\])((?:\/[^\s,"\\/]{1,80}){1,8})$/;

/** One line of three fields, as fstab(5) has them; null: there shall be no such disk any more. */
export function recordingDiskFile(disk: RecordingDisk | null): HostFile {
  const content = disk && `${lineOf(disk).join('\t')}\n`;
  // It may hold a password.
  return { path: FILE, content, mode: 0o600, concerns: 'recordings' };
}

function lineOf(disk: RecordingDisk): string[] {
  // Which file system it has is for the box to find out.
  if ('label' in disk) return [`LABEL=${disk.label}`, 'auto', SAFE];
  if ('nfs' in disk) return [disk.nfs, 'nfs', NFS];
  const login = [
    ...(disk.username === undefined ? ['sec=none'] : [`username=${disk.username}`]),
    ...(disk.password === undefined ? [] : [`password=${disk.password}`]),
    ...(disk.domain === undefined ? [] : [`domain=${disk.domain}`]),
  ];
  return [disk.smb, 'cifs', [SMB, ...login].join(',')];
}

/** What the schema cannot say; and every character again, so that nothing becomes another option or line. */
export function recordingDiskProblems(disk: RecordingDisk | null | undefined): HostProblem[] {
  if (!disk) return [];
  const problem = (field: string, message: string) => [{ field: `recording_disk.${field}`, message }];
  if ('label' in disk)
    return /^[A-Za-z0-9_.-]{1,16}$/.test(disk.label)
      ? []
      : problem('label', 'must have 1 to 16 letters, digits, _, . or -.');
  if ('nfs' in disk)
    return NFS_SOURCE.test(disk.nfs)
      ? []
      : problem('nfs', 'must be server:/path, without blanks, commas and quotes.');
  if (!SMB_SOURCE.test(disk.smb))
    return problem('smb', 'must be //server/share or //server/share/folder, without blanks and commas.');
  return (['username', 'password', 'domain'] as const).flatMap((field) => {
    const value = disk[field];
    // The kernel takes its options in one line with commas between them, mount(8) in quotation marks where there are some.
    return value === undefined || /^[!#-+\--~]{1,128}$/.test(value)
      ? []
      : problem(
          field,
          'must have 1 to 128 characters of ASCII, no blank, no comma and no quotation mark (").',
        );
  });
}
