import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { createObjects } from '../../../src/lib/aws/objects.ts';

const ETAG = '900150983cd24fb0d6963f7d28e17f72';
const FACTS = { size: 3, etag: ETAG, md5: ETAG, modifiedAt: 0, metadata: {}, checksums: {} };
const HEADERS = { contentType: 'text/csv', contentDisposition: 'attachment', metadata: { 'upload-id': 'u' } };

function failure(httpStatusCode: number) {
  return Object.assign(new Error(String(httpStatusCode)), { $metadata: { httpStatusCode } });
}

/** A store of which some conditions are answered with 501 for a while: as often as `refusals` says. */
function setup(refusals: { copy?: number; removal?: number }) {
  const left = { copy: 0, removal: 0, ...refusals };
  const s3 = mockClient(S3Client);
  let now = 0;
  let isThere = false;
  s3.on(HeadObjectCommand).callsFake(() => {
    if (!isThere) throw failure(404);
    return { ContentLength: 3, ETag: `"${ETAG}"`, Metadata: HEADERS.metadata };
  });
  s3.on(CopyObjectCommand).callsFake(({ IfNoneMatch }) => {
    if (IfNoneMatch !== undefined && left.copy-- > 0) throw failure(501);
    if (IfNoneMatch !== undefined && isThere) throw failure(412);
    isThere = true;
    return { CopyObjectResult: { ETag: `"${ETAG}"` } };
  });
  s3.on(DeleteObjectCommand).callsFake(({ IfMatch }) => {
    if (IfMatch !== undefined && left.removal-- > 0) throw failure(501);
    isThere = false;
    return {};
  });
  const objects = createObjects(
    s3 as unknown as S3Client,
    { incoming: 'incoming', store: 'store', quarantine: 'quarantine' },
    () => now,
  );
  const { signal } = new AbortController();
  return {
    s3,
    objects,
    copy: () =>
      objects.copy({ key: 'k', facts: FACTS }, { place: 'store', key: 'k', headers: HEADERS }, signal),
    remove: (seen = FACTS) => objects.remove('store', 'k', seen),
    clear: () => {
      isThere = false;
    },
    fill: () => {
      isThere = true;
    },
    pass: (ms: number) => {
      now += ms;
    },
    copies: () => s3.commandCalls(CopyObjectCommand).map(({ args: [{ input }] }) => input.IfNoneMatch),
    removals: () => s3.commandCalls(DeleteObjectCommand).map(({ args: [{ input }] }) => input.IfMatch),
  };
}

describe('a store that refuses a condition', () => {
  // One 501, from whatever stood in between, turned the conditions of copies and of removals off for good.
  test('once is asked again at once, and goes on to be asked', async () => {
    const { copy, copies, clear, remove, removals, fill } = setup({ copy: 1, removal: 1 });
    expect(await copy()).toBe('copied');
    clear();
    expect(await copy()).toBe('copied');
    expect(copies()).toEqual(['*', '*', '*']);
    await remove();
    fill();
    await remove();
    expect(removals()).toEqual(Array.from({ length: 3 }, () => `"${ETAG}"`));
  });

  test('of copies is not asked for it for ten minutes, and is asked for that of removals', async () => {
    const { copy, copies, clear, pass, remove, removals } = setup({ copy: 1_000 });
    expect(await copy()).toBe('copied');
    clear();
    expect(await copy()).toBe('copied');
    expect(copies()).toEqual(['*', '*', undefined, undefined]);
    await remove();
    expect(removals()).toEqual([`"${ETAG}"`]);
    pass(600_000);
    await copy();
    expect(copies().slice(4)).toEqual(['*', '*', undefined]);
  });

  test('is asked first what is there, so that a copy replaces nothing', async () => {
    const { copy, copies, fill } = setup({ copy: 1_000 });
    fill();
    expect(await copy()).toBe('taken');
    expect(copies()).toEqual(['*', '*']);
  });

  test('is asked first what is there, so that nothing else is removed', async () => {
    const { remove, removals, fill } = setup({ removal: 1_000 });
    fill();
    await expect(remove({ ...FACTS, etag: 'other' })).rejects.toMatchObject({ name: 'ObjectChanged' });
    expect(removals()).toEqual(['"other"', '"other"']);
    await remove();
    await remove(); // gone: removed already
    expect(removals().filter((condition) => condition === undefined)).toHaveLength(1);
  });

  test('but refuses the call without it as well has learnt nobody anything', async () => {
    const { s3, copy, copies } = setup({});
    s3.on(CopyObjectCommand).rejects(failure(501));
    await expect(copy()).rejects.toThrow('501');
    await expect(copy()).rejects.toThrow('501');
    // Each time twice with all that a copy may ask for, and once without what some stores do not implement.
    expect(copies()).toEqual(Array(6).fill(['*', '*', undefined]).flat());
  });
});

// Cloudflare R2 lists neither the directive for tags among what it implements, nor the condition on a part's
// source.
describe('a store that implements no tags', () => {
  function r2(size = 3) {
    const s3 = mockClient(S3Client);
    const isThere = new Set<string>();
    s3.on(HeadObjectCommand).callsFake(({ Bucket }) => {
      if (Bucket !== 'incoming' && !isThere.has(Bucket)) throw failure(404);
      return { ContentLength: size, ETag: `"${ETAG}"`, Metadata: HEADERS.metadata };
    });
    s3.on(CopyObjectCommand).callsFake(({ Bucket, TaggingDirective }) => {
      if (TaggingDirective !== undefined) throw failure(501);
      isThere.add(Bucket);
      return { CopyObjectResult: { ETag: `"${ETAG}"` } };
    });
    s3.on(ListMultipartUploadsCommand).resolves({});
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
    s3.on(AbortMultipartUploadCommand).resolves({});
    s3.on(UploadPartCopyCommand).callsFake(({ CopySourceIfMatch }) => {
      if (CopySourceIfMatch !== undefined) throw failure(501);
      return { CopyPartResult: { ETag: '"part"' } };
    });
    s3.on(CompleteMultipartUploadCommand).callsFake(({ Bucket }) => {
      isThere.add(Bucket);
      return { ETag: `"${ETAG}-5"` };
    });
    const objects = createObjects(
      s3 as unknown as S3Client,
      { incoming: 'incoming', store: 'store', quarantine: 'quarantine' },
      () => 0,
    );
    const copy = (place: 'store' | 'quarantine') =>
      objects.copy(
        { key: 'k', facts: { ...FACTS, size } },
        { place, key: 'k', headers: HEADERS },
        new AbortController().signal,
      );
    return { s3, copy, forget: () => isThere.clear() };
  }

  test.each(['store', 'quarantine'] as const)(
    'gets its copies into %s without them, and is not asked for them again',
    async (place) => {
      const { s3, copy, forget } = r2();
      expect(await copy(place)).toBe('copied');
      s3.resetHistory();
      forget();
      expect(await copy(place)).toBe('copied');
      const inputs = s3.commandCalls(CopyObjectCommand).map(({ args: [{ input }] }) => input);
      expect(inputs).toHaveLength(1);
      expect(inputs[0]).not.toHaveProperty('TaggingDirective');
      expect(inputs[0]).toMatchObject({ CopySourceIfMatch: `"${ETAG}"`, MetadataDirective: 'REPLACE' });
    },
  );

  test('gets large copies by parts, of a source that is looked at once more', async () => {
    const { s3, copy } = r2(256 * 1024 ** 2 + 1);
    expect(await copy('quarantine')).toBe('copied');
    const looks = s3.commandCalls(HeadObjectCommand).map(({ args: [{ input }] }) => input.Bucket);
    expect(looks).toContain('incoming');
  });
});
