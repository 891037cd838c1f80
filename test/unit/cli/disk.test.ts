import { classify } from '@sluice/connection/classify';
import { toDiskComplaint } from 'sluice/disk';
import { describe, expect, test } from 'vitest';

/** As Node throws what the disk says; a write names no path. */
function fault(code: string, syscall: string, path?: string) {
  return Object.assign(new Error(`${code}: said the disk, ${syscall}`), {
    code,
    syscall,
    ...(path && { path }),
  });
}

describe('what the disk says', () => {
  test.each([
    ['EACCES', 'open', /You may not read or write \/a\/b/, /another place/],
    ['EPERM', 'link', /You may not read or write \/a\/b/, /another place/],
    ['EROFS', 'mkdir', /\/a is on a disk that is read-only/, /another place/],
    ['ENOSPC', 'write', /no space left for \/a\/b/, /Free some/],
    ['EDQUOT', 'write', /quota has no space left for \/a\/b/, /Free some/],
    ['EFBIG', 'write', /larger than/, /another place/],
    ['ENOTDIR', 'open', /A file is in the way to \/a\/b/, /another place/],
    ['EEXIST', 'mkdir', /A file is in the way to \/a\/b/, /another place/],
    ['EEXIST', 'link', /\/a\/b is there already/, /--force/],
    ['ENOENT', 'open', /\/a\/b is not there/, /try again/],
  ])('%s of %s is told with the path and what to do', (code, syscall, told, hint) => {
    const complaint = toDiskComplaint(
      fault(code, syscall, syscall === 'write' ? undefined : '/a/.b.part'),
      '/a/b',
    );
    expect(complaint?.message).toMatch(told);
    expect(complaint?.hint).toMatch(hint);
  });

  test('is found in the cause of what the connection layer threw', () => {
    expect(toDiskComplaint(classify(fault('ENOSPC', 'write')), '/a/b')?.message).toContain('no space left');
  });

  test('is told as it is where there are no better words', () => {
    expect(toDiskComplaint(fault('EIO', 'write'), '/a/b')?.message).toContain('EIO: said the disk');
  });

  test.each([
    ['a connection that broke', fault('ECONNRESET', 'read')],
    ['a name that was not found', fault('ENOTFOUND', 'getaddrinfo')],
    ['a mistake of this program', new TypeError('x is not a function')],
  ])('is not %s', (_what, error) => {
    expect(toDiskComplaint(error, '/a/b')).toBeUndefined();
  });
});
