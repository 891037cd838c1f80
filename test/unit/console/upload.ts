import type { Upload } from '@sluice/client/resource';

/** An accepted picture, as the API would tell of it, but for what is given. */
export function upload(changes: Partial<Upload> & Pick<Upload, 'id'>): Upload {
  return {
    state: 'accepted',
    filename: `${changes.id}.png`,
    contentType: 'image/png',
    size: 2048,
    policy: 'images',
    metadata: {},
    transport: 'put',
    createdAt: '2026-11-22T12:00:00.000Z',
    expiresAt: '2026-11-22T12:15:00.000Z',
    ...changes,
  };
}
