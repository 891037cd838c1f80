// Runs in the browser: Uppy 5, as its documentation says to use it.
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import GoldenRetriever from '@uppy/golden-retriever';
import { createDriver } from '../driver.ts';

globalThis.driver = createDriver(({ base, bearer, multipart, keep }) => {
  const uppy = new Uppy({ id: 'held', autoProceed: false });
  if (keep) uppy.use(GoldenRetriever);
  uppy.use(AwsS3, {
    endpoint: base,
    ...(bearer !== undefined && { headers: { authorization: `Bearer ${bearer}` } }),
    // The rule that is the default, unless the test has one of its own.
    shouldUseMultipart: ({ size }) => multipart ?? (size ?? 0) > 100 * 1024 ** 2,
  });
  return {
    addFile: (file) => uppy.addFile(file),
    upload: () => uppy.upload(),
    retryAll: () => uppy.retryAll(),
    pauseAll: () => uppy.pauseAll(),
    resumeAll: () => uppy.resumeAll(),
    cancelAll: () => uppy.cancelAll(),
    getFiles: () => uppy.getFiles(),
    onPart: (listener) => uppy.on('s3-multipart:part-uploaded', listener),
    onSuccess: (listener) => uppy.on('upload-success', listener),
    onError: (listener) => uppy.on('upload-error', listener),
    restore: () => uppy.emit('restore-confirmed'),
  };
});
