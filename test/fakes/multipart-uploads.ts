import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import type { MultipartGrant, Upload } from '@sluice/client/resource';
import { type PartPlan, partBytes } from '@sluice/contract/part-plan';
import type { Answer } from './answer.ts';
import { problemBody } from './fault.ts';

function refusal(status: number, code: string): Answer {
  return [status, `<Error><Code>${code}</Code></Error>`];
}

/** What the stand-in for the API and S3 knows of multipart uploads; as S3, it keeps the last of a part. */
export function createMultipartUploads(origin: string) {
  const plans = new Map<string, PartPlan>();
  const parts = new Map<string, Map<number, Buffer>>();
  let partSize = 64 * 1024;
  let signedAtOnce = 16;
  let generation = 1;
  let oldest = 1;

  const open = (id: string, size: number): MultipartGrant => {
    const plan = plans.get(id) ?? { size, partSize, partCount: Math.ceil(size / partSize) };
    plans.set(id, plan);
    if (!parts.has(id)) parts.set(id, new Map());
    return {
      partSize: plan.partSize,
      partCount: plan.partCount,
      parts: Array.from({ length: Math.min(plan.partCount, signedAtOnce) }, (_, index) => ({
        partNumber: index + 1,
        url: `${origin}/s3/${id}/${index + 1}?generation=${generation}`,
      })),
      urlsExpireAt: '2099-01-01T00:00:00.000Z',
    };
  };

  /** S3's refusal of a part before it has seen its bytes; undefined when it takes them. */
  const judge = (id: string, url: URL): Answer | undefined => {
    if (!parts.has(id)) return refusal(404, 'NoSuchUpload');
    return Number(url.searchParams.get('generation')) < oldest ? refusal(403, 'AccessDenied') : undefined;
  };

  const put = (id: string, url: URL, body: Buffer): Answer => {
    const refused = judge(id, url);
    if (refused) return refused;
    const partNumber = Number(url.pathname.split('/').at(-1));
    const plan = plans.get(id);
    if (plan && body.length !== partBytes(plan, partNumber)) return refusal(403, 'SignatureDoesNotMatch');
    parts.get(id)?.set(partNumber, body);
    return [200, undefined];
  };

  const sign = (id: string): Answer => {
    generation = Math.max(generation, oldest);
    const count = plans.get(id)?.partCount ?? 0;
    return [
      200,
      {
        prefix: `${origin}/s3/${id}/`,
        suffix: '?generation=',
        signatures: Array.from({ length: count }, () => String(generation)),
        expiresAt: '2099-01-01T00:00:00.000Z',
      },
    ];
  };

  const list = (id: string): Answer => {
    const arrived = parts.get(id);
    if (!plans.has(id)) return [409, problemBody(409, 'not_multipart')];
    if (arrived === undefined) return [410, problemBody(410, 'multipart_gone')];
    const { partSize: size, partCount } = plans.get(id) ?? {};
    const listed = [...arrived].map(([partNumber, body]) => ({ partNumber, size: body.length, etag: '"e"' }));
    return [
      200,
      { partSize: size, partCount, parts: listed.toSorted((a, b) => a.partNumber - b.partNumber) },
    ];
  };

  /** The object that the parts make, or what is wrong with them. */
  const complete = async (upload: Upload): Promise<Buffer | Answer> => {
    const { id, checksum } = upload;
    const arrived = parts.get(id);
    const plan = plans.get(id);
    if (plan === undefined) return [409, problemBody(409, 'not_multipart')];
    if (arrived === undefined) return [410, problemBody(410, 'multipart_gone')];
    const bodies: Buffer[] = [];
    for (let partNumber = 1; partNumber <= plan.partCount; partNumber++) {
      const body = arrived.get(partNumber);
      if (body === undefined) return [409, problemBody(409, 'parts_missing')];
      if (body.length !== partBytes(plan, partNumber)) return [409, problemBody(409, 'part_size_wrong')];
      bodies.push(body);
    }
    const object = Buffer.concat(bodies);
    if (checksum?.algorithm === 'crc64nvme') {
      const crc = new Crc64Nvme();
      crc.update(object);
      if (Buffer.from(await crc.digest()).toString('base64') !== checksum.value) {
        return [409, problemBody(409, 'multipart_checksum_mismatch')];
      }
    }
    parts.delete(id);
    return object;
  };

  return {
    open,
    judge,
    put,
    sign,
    list,
    complete,
    /** S3 forgets the parts. */
    drop: (id: string) => void parts.delete(id),
    /** The parts that S3 holds, by number: a test may put others in their place. */
    partsOf: (id: string) => parts.get(id) ?? new Map<number, Buffer>(),
    /** Every URL that was signed so far is refused from now on. */
    expireUrls: () => {
      oldest = generation + 1;
    },
    /** How uploads are planned from now on. */
    plan: (next: { readonly partSize?: number; readonly signedAtOnce?: number }) => {
      partSize = next.partSize ?? partSize;
      signedAtOnce = next.signedAtOnce ?? signedAtOnce;
    },
  };
}
