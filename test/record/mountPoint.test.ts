import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isUnmounted, mountPointOf, mountPoints } from '../../daemon/record/mountPoint.ts';

const MOUNTINFO = `\
22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
40 28 8:17 / /media/USB\\040DISK rw,relatime shared:2 - vfat /dev/sdb1 rw
41 28 0:50 / /mnt/nas rw,relatime shared:3 - nfs4 10.0.0.2:/video rw
nonsense
`;

describe('the mount point of a folder', () => {
  const points = mountPoints(MOUNTINFO);

  it('is read out of the kernel’s list', () => {
    assert.deepEqual(points, ['/proc', '/', '/media/USB DISK', '/mnt/nas']);
  });

  it('is the deepest one that the folder lies below', () => {
    assert.equal(mountPointOf('/mnt/nas/recordings', points), '/mnt/nas');
    assert.equal(mountPointOf('/mnt/nas', points), '/mnt/nas');
    assert.equal(mountPointOf('/mnt/nas2/recordings', points), '/');
    assert.equal(mountPointOf('/media/USB DISK/a', points), '/media/USB DISK');
    assert.equal(mountPointOf('/var/lib', []), '/');
  });

  it('is missed where only what lies below it is there', () => {
    assert.equal(isUnmounted('/mnt/nas', '/'), true);
    assert.equal(isUnmounted('/mnt/nas', '/mnt'), true);
    assert.equal(isUnmounted('/mnt/nas', '/mnt/nas'), false);
    // Another disk further down is what somebody wanted.
    assert.equal(isUnmounted('/', '/mnt/nas'), false);
    assert.equal(isUnmounted('/mnt/nas', '/mnt/na'), false);
  });
});
