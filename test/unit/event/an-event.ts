import type { EventType, UploadEvent } from '@sluice/contract/event';

/** An event with as little in it as there may be. */
export function anEvent({
  id = 'upload-1.accepted',
  type = 'upload.accepted',
  tenant = 'acme',
  time = '2026-11-20T09:15:00.000Z',
}: {
  readonly id?: string;
  readonly type?: EventType;
  readonly tenant?: string;
  readonly time?: string;
} = {}): UploadEvent {
  return {
    specversion: '1.0',
    id,
    source: 'urn:sluice:test',
    type,
    subject: 'upload-1',
    time,
    datacontenttype: 'application/json',
    data: {
      id: 'upload-1',
      state: 'accepted',
      tenant,
      subject: 'ada',
      policy: 'images',
      filename: 'photo.jpg',
      contentType: 'image/jpeg',
      metadata: {},
      readers: 'owner',
      createdAt: time,
    },
  };
}
