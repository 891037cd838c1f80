import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { quotedETag } from '@sluice/connection/transfers/etag';
import { createHasher } from '@sluice/connection/transfers/hasher';
import type { ChecksumAlgorithm } from '@sluice/contract/checksum';
import { ObjectChanged, UnbelievableAnswer } from '../upload/faults.ts';
import type { ObjectFacts, Objects, Place } from '../upload/ports.ts';
import { createCondition } from './condition.ts';
import { copyObject } from './copy.ts';
import { statusOf } from './failures.ts';
import { type CopyAnswer, checkRead, compareCopy, compareStored, toFacts } from './object-answers.ts';

/** The buckets that a function knows. An operation on another one is a bug in its wiring. */
export type Buckets = Readonly<Partial<Record<Place, string>>>;

/**
 * The three buckets on S3. Reads, copies and removals are pinned to the version that was judged, or to its
 * ETag if the bucket keeps no versions, so that later bytes never pass as the verified ones. Every answer is
 * compared with the request: compatible stores leave things out, and connections are cut.
 */
export function createObjects(s3: S3Client, buckets: Buckets, now = () => performance.now()): Objects {
  const ifNothingIsThere = createCondition(now);
  const ifUnchanged = createCondition(now);
  const inFull = createCondition(now);

  const facts: Objects['facts'] = async (place, key, versionId) => {
    try {
      return toFacts(
        await s3.send(
          new HeadObjectCommand({
            Bucket: buckets[place],
            Key: key,
            ChecksumMode: 'ENABLED',
            ...(versionId !== undefined && { VersionId: versionId }),
          }),
        ),
      );
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  };

  const open = async (
    key: string,
    seen: ObjectFacts,
    signal: AbortSignal,
    range?: string,
  ): Promise<{ readonly body: Readable; readonly from: number }> => {
    const answer = await pinned('reading', () =>
      s3.send(
        new GetObjectCommand({
          Bucket: buckets.incoming,
          Key: key,
          IfMatch: quotedETag(seen.etag),
          ...(seen.versionId !== undefined && { VersionId: seen.versionId }),
          ...(range && { Range: range }),
        }),
        { abortSignal: signal },
      ),
    );
    const body = answer.Body as Readable | undefined; // always a stream of Node's in Node: the type also covers browsers
    try {
      if (body === undefined) throw new UnbelievableAnswer('an object without a body');
      return { body, from: checkRead(answer, seen) };
    } catch (error) {
      body?.destroy();
      throw error;
    }
  };

  return {
    facts,

    async readRange(key, seen, { start, length }, signal) {
      const wanted = Math.max(0, Math.min(length, seen.size - start));
      if (wanted === 0 && start > 0) return new Uint8Array();
      // No range is within an empty object; it is requested as a whole, since the verdict depends on its
      // being empty.
      const range = wanted === 0 ? undefined : `bytes=${start}-${start + wanted - 1}`;
      const { body, from } = await open(key, seen, signal, range);
      if (from > start) {
        body.destroy();
        throw new UnbelievableAnswer(`bytes from ${from} on instead of ${start}`);
      }
      const chunks: Buffer[] = [];
      // A store that ignores Range sends the whole object: pass over what comes before, and hang up after.
      let skip = start - from;
      let read = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const kept = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - kept.length;
        chunks.push(kept);
        read += kept.length;
        if (read >= wanted) break;
      }
      // Judging fewer bytes than requested could accept a dishonest file as an honest short one.
      if (read < wanted) throw new UnbelievableAnswer(`${read} bytes instead of ${wanted}`);
      return Buffer.concat(chunks).subarray(0, wanted);
    },

    async hash(key, seen, algorithm, signal) {
      // The SDK has our names of the algorithms in capitals; TypeScript does not follow toUpperCase.
      const hasher = createHasher(algorithm.toUpperCase() as Uppercase<ChecksumAlgorithm>);
      let read = 0;
      for await (const chunk of (await open(key, seen, signal)).body) {
        hasher.update(chunk);
        read += chunk.length;
      }
      if (read !== seen.size) throw new UnbelievableAnswer(`${read} bytes instead of ${seen.size}`);
      return { algorithm, value: Buffer.from(await hasher.digest()).toString('base64') };
    },

    async copy(from, to, signal) {
      const target = {
        Bucket: buckets[to.place] ?? '',
        Key: to.key,
        ContentType: to.headers.contentType,
        ContentDisposition: to.headers.contentDisposition,
        Metadata: to.headers.metadata,
      };
      const { place = 'incoming', key, facts: seen } = from;
      const source = { bucket: buckets[place] ?? '', key, facts: seen };
      const copyThere = async (isPlain: boolean): Promise<CopyAnswer | 'taken'> => {
        const run = (isConditional: boolean) =>
          copyObject(s3, { source, target, isConditional, isPlain }, signal);
        if (to.place !== 'store') return pinned('copying', () => run(false));
        const conditional = () =>
          run(true).catch(async (error: unknown) => {
            // Two conditions fail in the same way: something is in the store, or the source has changed.
            if (statusOf(error) === 412 && (await facts(to.place, to.key))) return 'taken' as const;
            throw toChanged(error, 'copying');
          });
        return ifNothingIsThere(conditional, async () =>
          (await facts(to.place, to.key)) ? 'taken' : pinned('copying', () => run(false)),
        );
      };
      const copied = await inFull(
        () => copyThere(false),
        () => copyThere(true),
      );
      if (copied === 'taken') return 'taken';
      const isSame =
        compareCopy(from.facts, copied) ?? compareStored(from.facts, to, await facts(to.place, to.key));
      if (!isSame) throw new ObjectChanged('being copied');
      return 'copied';
    },

    async remove(place, key, seen) {
      // A version of incoming is removed for ever. In a store with versions the object only disappears behind
      // a marker; a team keeps versions for that purpose.
      const isByVersion = place === 'incoming' && seen.versionId !== undefined;
      const send = (condition: { readonly IfMatch?: string; readonly VersionId?: string }) =>
        s3.send(new DeleteObjectCommand({ Bucket: buckets[place], Key: key, ...condition }));
      if (isByVersion) {
        await send({ VersionId: seen.versionId ?? '' });
        return;
      }
      const conditional = async () => {
        try {
          await send({ IfMatch: quotedETag(seen.etag) });
        } catch (error) {
          if (statusOf(error) !== 404) throw toChanged(error, 'being removed');
        }
      };
      await ifUnchanged(conditional, async () => {
        const there = await facts(place, key);
        if (there === undefined) return;
        if (there.etag !== seen.etag) throw new ObjectChanged('being removed');
        await send({});
      });
    },
  };
}

async function pinned<Output>(doing: string, call: () => Promise<Output>): Promise<Output> {
  try {
    return await call();
  } catch (error) {
    throw toChanged(error, doing);
  }
}

/** A failed condition and a missing version mean the same: the object is not the one that was seen. */
function toChanged(error: unknown, doing: string): unknown {
  return statusOf(error) === 412 || statusOf(error) === 404 ? new ObjectChanged(doing) : error;
}
