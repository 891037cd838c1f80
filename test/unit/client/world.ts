// What the tests of uploads share: a server, a clock that moves only when it is slept on, and files whose
// bytes differ.
import type { Timing } from '@sluice/client/timing';
import { createUploader, type UploaderOptions } from '@sluice/client/uploader';
import { type SluiceServer, startSluiceServer } from '../../fakes/sluice-server.ts';

export const KiB = 1024;

/** The parts of the server's plan. */
export const PART = 64 * KiB;

export async function openWorld(options: Partial<UploaderOptions> = {}) {
  const server = await startSluiceServer();
  let clock = 0;
  const timing: Timing = {
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      clock += milliseconds;
    },
    random: () => 0.5,
    now: () => clock,
  };
  const newUploader = (more: Partial<UploaderOptions> = {}) =>
    createUploader({
      endpoint: server.endpoint,
      token: 'token-1',
      timing,
      multipartAboveBytes: PART,
      ...options,
      ...more,
    });
  return {
    server,
    newUploader,
    uploader: newUploader(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Bytes of which no two pieces are alike, so that parts in the wrong place are noticed. */
export function bytesOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0, word = seed; i < words.length; i++) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    words[i] = word;
  }
  return new Uint8Array(words.buffer, 0, size);
}

export function fileOf(size: number, { seed = 1, lastModified = 1 } = {}): File {
  return new File([bytesOf(size, seed)], 'numbers.bin', { type: 'text/plain', lastModified });
}

/** Every PUT of a part that the server has read, whole or cut off. */
export function partsSent(server: SluiceServer) {
  return server.seen.filter(({ route }) => route.startsWith('PUT /s3/{id}/'));
}

/** The bytes that came to S3, those that came twice counted twice. */
export function bytesSent(server: SluiceServer): number {
  return partsSent(server).reduce((sum, { body }) => sum + body.length, 0);
}

export function onlyUpload(server: SluiceServer) {
  const [upload, ...more] = [...server.uploads.values()];
  if (upload === undefined || more.length > 0) throw new Error(`${server.uploads.size} uploads`);
  return upload;
}
