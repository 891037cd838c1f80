import { createHash, randomUUID } from 'node:crypto';
import type { ArrivedPart, Multipart } from '../../src/lib/upload/ports.ts';
import type { MemoryObjects } from './memory-objects.ts';

type Upload = { readonly key: string; readonly parts: Map<number, { part: ArrivedPart; bytes: Buffer }> };

export type MemoryMultipart = Multipart & {
  /** uploads that are under way, by S3's id of them */
  readonly open: Map<string, Upload>;
  put(uploadId: string, partNumber: number, bytes: string): ArrivedPart;
};

/** Multipart uploads in memory; a completed one arrives in the incoming bucket of `objects`. */
export function createMemoryMultipart(objects: MemoryObjects): MemoryMultipart {
  const open: MemoryMultipart['open'] = new Map();
  return {
    open,
    put(uploadId, partNumber, text) {
      const bytes = Buffer.from(text);
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      const part = { partNumber, size: bytes.length, etag };
      open.get(uploadId)?.parts.set(partNumber, { part, bytes });
      return part;
    },
    async create({ key }) {
      const uploadId = randomUUID();
      open.set(uploadId, { key, parts: new Map() });
      return uploadId;
    },
    async list({ uploadId }) {
      const upload = open.get(uploadId);
      return (
        upload &&
        [...upload.parts.values()].map(({ part }) => part).sort((a, b) => a.partNumber - b.partNumber)
      );
    },
    async complete({ key, uploadId }, parts) {
      const upload = open.get(uploadId);
      if (upload === undefined) return 'gone';
      const bytes = parts.map(({ partNumber }) => upload.parts.get(partNumber)?.bytes ?? Buffer.alloc(0));
      if (!objects.places.incoming.has(key)) objects.put(key, Buffer.concat(bytes));
      open.delete(uploadId);
      return 'made';
    },
    async abort({ uploadId }) {
      open.delete(uploadId);
    },
  };
}
