import type { UppyAnswer } from './serve.ts';

/** What the answers need besides the upload. */
export type Whereabouts = {
  readonly bucket: string;
  /** the address of the API, without a slash at its end */
  readonly apiUrl: string;
  readonly now: number;
};

/** An answer in Companion's form. */
export function toCompanionBody(answer: UppyAnswer, { bucket, apiUrl, now }: Whereabouts): unknown {
  const secondsUntil = (time: number) => Math.max(0, Math.floor((time - now) / 1000));
  switch (answer.kind) {
    case 'form': {
      const { url, fields, upload } = answer;
      return { method: 'POST', url, fields, expires: secondsUntil(upload.expiresAt) };
    }
    case 'begun':
      return { key: answer.upload.key, uploadId: answer.uploadId, bucket };
    case 'arrived':
      return answer.parts.map(({ partNumber, etag, size }) => ({
        PartNumber: partNumber,
        ETag: etag,
        Size: size,
      }));
    case 'signed':
      return { url: answer.url, expires: secondsUntil(answer.expiresAt) };
    case 'signed-batch':
      return { presignedUrls: answer.urls };
    case 'completed':
      // The address where the upload can be followed. Nobody may read the object itself before its verdict,
      // nor under this name.
      return { location: `${apiUrl}/uploads/${answer.upload.id}`, key: answer.upload.key, bucket };
    case 'aborted':
      return {};
  }
}
