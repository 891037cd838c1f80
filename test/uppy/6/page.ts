// Runs in the browser: Uppy 6, as its documentation says to use it.

import { createSignRequest } from '@sluice/client/uppy';
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import GoldenRetriever from '@uppy/golden-retriever';
import { createDriver } from '../driver.ts';

globalThis.driver = createDriver(({ base, bearer, multipart, keep }) => {
  const uppy = new Uppy({ id: 'held', autoProceed: false });
  if (keep) uppy.use(GoldenRetriever);
  const shouldUseMultipart = multipart === undefined ? {} : { shouldUseMultipart: multipart };
  if (bearer === undefined) uppy.use(AwsS3, { companionEndpoint: base, ...shouldUseMultipart });
  else {
    const signRequest = createSignRequest({ endpoint: base, token: bearer });
    uppy.use(AwsS3, { signRequest, ...shouldUseMultipart });
  }
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
