import type { EventData, EventType, UploadEvent } from '@sluice/contract/event';
import { toServedName } from '@sluice/contract/filename';
import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { threatsIn } from '../upload/judge-scans.ts';

/** A row of the ledger before and after one write. */
export type Change = {
  /** undefined if the write made the row */
  readonly before: Upload | undefined;
  readonly after: Upload;
  /** when it was written: milliseconds since the epoch */
  readonly changedAt: number;
};

/** The states whose beginning is an event. Nobody can act on the others: in them, nothing is decided. */
export const EVENT_STATES = {
  accepted: 'upload.accepted',
  rejected: 'upload.rejected',
  expired: 'upload.expired',
  deleted: 'upload.deleted',
  recalled: 'upload.recalled',
} as const satisfies Readonly<Partial<Record<State, EventType>>>;

function isEventState(state: State): state is keyof typeof EVENT_STATES {
  return Object.hasOwn(EVENT_STATES, state);
}

/**
 * The event that a change of a row is, or undefined if it changes nothing that others act on. It follows from
 * the rows alone, so a change that is looked at again makes the same event, with the same id.
 * @param source the CloudEvents source of this deployment
 */
export function toUploadEvent({ before, after, changedAt }: Change, source: string): UploadEvent | undefined {
  const { id, state } = after;
  if (state !== before?.state) {
    if (!isEventState(state)) return undefined;
    const time = after.settledAt ?? changedAt;
    return toEvent(after, { id: `${id}.${state}`, type: EVENT_STATES[state], time, source });
  }
  const { readersRevision = 0 } = after;
  // Nobody reads a file before it is accepted, and `upload.accepted` says by then who may.
  if (state !== 'accepted' || readersRevision === (before.readersRevision ?? 0)) return undefined;
  return toEvent(after, {
    id: `${id}.readers.${readersRevision}`,
    type: 'upload.readers_changed',
    time: changedAt,
    source,
  });
}

type Attributes = Pick<UploadEvent, 'id' | 'type' | 'source'> & { readonly time: number };

function toEvent(upload: Upload, { id, type, time, source }: Attributes): UploadEvent {
  return {
    specversion: '1.0',
    id,
    source,
    type,
    subject: upload.id,
    time: toText(time),
    datacontenttype: 'application/json',
    data: toData(upload),
  };
}

/** Field by field: what a row gains in a later version does not leave the service by itself. */
function toData(upload: Upload): EventData {
  const { reference, grantId, settledAt, reason, detail, inspection } = upload;
  const threats = threatsIn(upload.scans);
  const servedType = upload.state === 'accepted' ? upload.servedType : undefined;
  const size = upload.size ?? upload.evidence?.size;
  const checksum = upload.checksum ?? upload.evidence?.checksum;
  return {
    id: upload.id,
    state: upload.state,
    tenant: upload.tenant,
    subject: upload.subject,
    policy: upload.policy,
    ...(reference !== undefined && { reference }),
    ...(grantId !== undefined && { grantId }),
    filename: upload.filename,
    ...(servedType !== undefined && { servedName: toServedName(upload.filename, servedType) }),
    contentType: servedType ?? upload.contentType,
    ...(size !== undefined && { size }),
    ...(checksum && { checksum }),
    metadata: upload.metadata,
    readers: upload.readers ?? 'owner',
    createdAt: toText(upload.createdAt),
    ...(settledAt !== undefined && { settledAt: toText(settledAt) }),
    ...(reason !== undefined && { reason }),
    ...(detail !== undefined && { detail }),
    ...(threats.length > 0 && { threats }),
    ...(inspection && { inspection }),
  };
}

function toText(time: number): string {
  return new Date(time).toISOString();
}
