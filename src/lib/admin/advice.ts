import type { Advice, ShownMessage, ShownObject } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import type { Place } from '../upload/ports.ts';

/** What is known of an upload when somebody asks what to do about it. */
export type Known = {
  readonly id: string;
  readonly upload: Upload | undefined;
  /** why its row cannot be read, if so */
  readonly unreadable: string | undefined;
  readonly objects: readonly ShownObject[];
  readonly hasUnfinished: boolean;
  readonly messages: readonly ShownMessage[];
};

/** What to do next, the most useful first; a sentence alone where there is nothing to do. */
export function toAdvice(known: Known, now: number): readonly Advice[] {
  return [...ofMessages(known), ...ofRow(known, now)];
}

function ofMessages({ messages }: Known): Advice[] {
  return [...new Set(messages.map(({ queue }) => queue))].map((queue) => ({
    text: `A message of it is in the dead-letter queue of ${queue}. Find the cause in the log lines and mend it, then send the message again.`,
    commands: [`sluice admin redrive ${queue} --dry-run`, `sluice admin redrive ${queue}`],
  }));
}

function ofRow(known: Known, now: number): Advice[] {
  const { id, upload, unreadable } = known;
  if (unreadable !== undefined) {
    return [
      say(
        `The row cannot be read by the deployed version (${unreadable}). Nothing is done with it or its objects: deploy the version that wrote it, or mend the row.`,
      ),
    ];
  }
  if (upload === undefined) return ofNoRow(known);
  switch (upload.state) {
    case 'requested':
    case 'verifying':
      return ofWaiting(known, upload, now);
    case 'accepted':
      return ofAccepted(known);
    case 'rejected':
      return ofRejected(known, upload);
    case 'expired':
    case 'aborted':
    case 'deleted':
      return ofEnded(known, upload);
    case 'scanning':
      return [
        say(
          `Scanners are looking at it. One that does not answer is asked again ${toTime(upload)}, and after five times the upload is held.`,
        ),
      ];
    case 'held':
      return ofHeld(known, upload);
    case 'recalled':
      return [
        say(
          `It was recalled: ${upload.detail ?? 'a later scan found harm.'} Nobody can read it any more. Tell those who have read it: the audit trail knows them. If the alarm was false, mend the scanner, and have the file uploaded again.`,
          `sluice admin audit ${id}`,
        ),
      ];
  }
}

function ofHeld({ id, objects }: Known, { detail }: Upload): Advice[] {
  const why = `It is held: ${detail ?? 'a scanner does not answer.'}`;
  if (!has(objects, 'incoming')) {
    return [say(`${why} Its object has left incoming: it expires, and the client has to upload it again.`)];
  }
  return [say(`${why} Mend the scanner, then have the upload go on.`, `sluice admin rejudge ${id}`)];
}

function ofNoRow({ id, objects }: Known): Advice[] {
  if (has(objects, 'store')) {
    return [
      say(
        'The store has a file of it, and no row says whose it is: the row was lost. Bring it back from a backup of the table.',
        'sluice admin restore --table <restored table> --dry-run',
      ),
    ];
  }
  if (has(objects, 'incoming')) {
    return [
      say(
        'Its object is in incoming, and no row asked for it. Announced, it is set aside in quarantine.',
        `sluice admin announce ${id}`,
      ),
    ];
  }
  if (objects.length > 0) {
    return [say('There is no row. The row of an ended upload is kept for rejectedRetentionInDays.')];
  }
  return [
    say(
      'Nothing is known of it: no row, no object. The id may be wrong or of another stage, or the upload ended longer ago than rejectedRetentionInDays.',
    ),
  ];
}

function ofWaiting({ id, objects, hasUnfinished }: Known, upload: Upload, now: number): Advice[] {
  const at = toTime(upload);
  if (has(objects, 'incoming')) {
    return [
      say(
        `Its object has arrived and is not judged yet. If others wait as well, verification fails or does not run: ArrivalsLateAlarm of the runbook. If it is this one alone, its notification was lost: the sweep announces it again ${at}, and you can do it now.`,
        `sluice admin announce ${id}`,
      ),
    ];
  }
  if (has(objects, 'store') || has(objects, 'quarantine')) {
    return [
      say(`A copy has its verdict, and the row does not: its worker died. The sweep mends the row ${at}.`),
    ];
  }
  if (hasUnfinished) {
    return [
      say(
        `Parts have arrived, and the client has not completed the upload. It may until ${iso(upload.expiresAt)}; then the parts are freed.`,
      ),
    ];
  }
  return [
    upload.expiresAt > now
      ? say(`Nothing has arrived. The client may send it until ${iso(upload.expiresAt)}.`)
      : say(
          `Nothing has arrived, and the signature has ended. It expires ${at}; the client has to ask again.`,
        ),
  ];
}

function ofAccepted({ objects }: Known): Advice[] {
  if (has(objects, 'store')) return [say('All is well: the file is in the store.')];
  const old = objects.find(
    ({ place, isMarker, isLatest }) => place === 'store' && isMarker !== true && !isLatest,
  );
  const marker = objects.find(
    ({ place, isMarker, isLatest }) => place === 'store' && isMarker === true && isLatest,
  );
  if (old !== undefined && marker?.versionId !== undefined) {
    return [
      say(
        'The file is gone from the store, and an older version of it is there. Remove the marker before it, and the file is back.',
        `aws s3api delete-object --bucket <store bucket> --key '${marker.key}' --version-id '${marker.versionId}'`,
      ),
    ];
  }
  return [
    say(
      'The row says accepted, and the store has no such file. Bring the object back from a backup; if there is none, end the upload.',
      'sluice admin reconcile --missing end',
    ),
    say('Somebody removed it past Sluice: CloudTrail’s data events of the bucket say who.'),
  ];
}

function ofRejected({ id, objects }: Known, { reason, detail }: Upload): Advice[] {
  const why = `It was rejected: ${detail ?? reason ?? 'for no known reason'} (${reason ?? 'unknown'}).`;
  if (!has(objects, 'quarantine')) {
    return [say(`${why} Its object has left quarantine: the client has to upload it again.`)];
  }
  return [
    say(
      `${why} If that was wrong, change the policy and deploy it; then have the file judged again.`,
      `sluice admin rejudge ${id} --dry-run`,
      `sluice admin rejudge ${id}`,
    ),
  ];
}

function ofEnded({ objects }: Known, { state, detail }: Upload): Advice[] {
  const left = objects.filter(({ isMarker, isLatest }) => isMarker !== true && isLatest);
  if (left.length > 0) {
    return [say(`It is ${state}, and ${left[0]?.place} still has an object of it, which the sweep removes.`)];
  }
  return [say(`It is ${state}. ${detail ?? 'Nothing is left to do.'}`)];
}

function has(objects: readonly ShownObject[], place: Place): boolean {
  return objects.some((one) => one.place === place && one.isLatest && one.isMarker !== true);
}

function toTime({ dueAt }: Upload): string {
  return dueAt === undefined ? 'when it is due' : `at ${iso(dueAt)}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function say(text: string, ...commands: readonly string[]): Advice {
  return { text, commands };
}
