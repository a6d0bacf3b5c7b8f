import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFileUrl } from '../../../daemon/ingest/files/fileUrl.ts';
import { streamAddress } from '../../../daemon/system/cli/provision/addresses.ts';

for (const { address, path, fps, kept } of [
  { address: 'file:///srv/pictures', path: '/srv/pictures', fps: undefined, kept: 'file:///srv/pictures' },
  { address: ' FILE:///a/b.jpg?fps=0.5 ', path: '/a/b.jpg', fps: 0.5, kept: 'file:///a/b.jpg?fps=0.5' },
  { address: 'file://localhost/a', path: '/a', fps: undefined, kept: 'file:///a' },
  {
    address: 'file:///mit Leerzeichen',
    path: '/mit Leerzeichen',
    fps: undefined,
    kept: 'file:///mit%20Leerzeichen',
  },
  { address: 'file:///100%', path: '/100%', fps: undefined, kept: 'file:///100%25' },
]) {
  test(`pictures of this machine: ${address}`, () => {
    assert.deepEqual(parseFileUrl(address), { path, fps, requestUrl: kept });
    assert.deepEqual(parseFileUrl(kept), { path, fps, requestUrl: kept }, 'what is kept is read the same');
  });
}

for (const [address, why] of [
  ['file:', /looks like file:\/\/\/srv/],
  ['file://nas/pictures', /looks like/],
  ['file://pictures', /looks like/],
  ['file:///a?fps=0', /pictures a second/],
  ['file:///a?fps=fast', /pictures a second/],
  ['file:///a?speed=2', /only \?fps=/],
  ['file:///a?', /only \?fps=/],
  ['file:///a?fps=.5', /pictures a second/],
  ['file:///a%00b', /control characters/],
  [`file:///${'a'.repeat(5000)}`, /looks like/],
] as const) {
  test(`no pictures of this machine: ${address.slice(0, 30)}`, () => {
    const parsed = parseFileUrl(address);
    assert.match('invalid' in parsed ? parsed.invalid : '', why);
  });
}

test('anything at all is answered, and provisioning reads it as the daemon does', () => {
  const part = fc.constantFrom(
    'file:',
    '//',
    '/',
    'localhost',
    'a',
    '%',
    '%41',
    '?',
    'fps=',
    '2',
    '.5',
    '#',
    'ö',
    ' ',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const address = `file:${parts.join('')}`;
      const parsed = parseFileUrl(address);
      const kept = 'invalid' in parsed ? undefined : parsed.requestUrl;
      assert.equal(streamAddress(address)?.url, kept);
    }),
    { numRuns: 5000 },
  );
});
