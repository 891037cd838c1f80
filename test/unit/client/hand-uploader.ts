// An uploader that does what a test tells it, when it is told.
import type { Progress } from '@sluice/client/declaration';
import type { Upload } from '@sluice/client/resource';
import type { Uploader, UploadOptions } from '@sluice/client/uploader';

export type HandRun = {
  readonly options: UploadOptions;
  readonly progress: (phase: Progress['phase'], bytes: number) => void;
  readonly state: (state: Upload['state'], transport?: Upload['transport']) => void;
  readonly settle: (state: Upload['state']) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
};

export function createHandUploader() {
  const runs: HandRun[] = [];
  const givenUp: string[] = [];
  const upload: Uploader['upload'] = (file, options = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Upload>();
    const id = `upload-${runs.length + 1}`;
    const toUpload = (state: Upload['state'], transport: Upload['transport'] = 'put'): Upload => ({
      id,
      state,
      transport,
      filename: 'name' in file ? file.name : 'unnamed',
      contentType: 'text/plain',
      policy: 'everything',
      metadata: {},
      createdAt: '2026-11-26T12:00:00Z',
      expiresAt: '2026-11-26T13:00:00Z',
    });
    // All that follows an answer has run when the test goes on.
    const turn = () => new Promise<void>((done) => setTimeout(done));
    runs.push({
      options,
      progress: (phase, bytes) => options.onProgress?.({ phase, bytes, totalBytes: file.size }),
      state: (state, transport) => options.onState?.(toUpload(state, transport)),
      settle: (state) => {
        resolve(toUpload(state));
        return turn();
      },
      fail: (error) => {
        reject(error);
        return turn();
      },
    });
    options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
    return promise;
  };
  return {
    runs,
    givenUp,
    upload,
    send: upload,
    giveUp: async (id: string) => void givenUp.push(id),
  };
}

export function handFile(name: string, size = 10): File {
  return new File([new Uint8Array(size)], name, { type: 'text/plain' });
}
