import type { Upload } from '@sluice/contract/upload';

/** A later worker has taken the upload over, so this one's verdict does not count. A fault: the queue asks again, and finds it settled. */
export class Superseded extends Error {
  constructor(upload: Upload) {
    super(`upload ${upload.id} was taken over by a later worker than epoch ${upload.epoch}`);
    this.name = 'Superseded';
  }
}
