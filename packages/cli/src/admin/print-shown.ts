import type { LogLine } from '@sluice/connection/find-lines';
import type { ShownUpload } from '@sluice/contract/admin';
import { toSize } from '@sluice/contract/size-text';
import { paint, paintState, printLine } from '../print.ts';
import { printable, toColumns } from '../text.ts';
import type { World } from '../world.ts';

const TIMES = ['createdAt', 'expiresAt', 'settledAt', 'dueAt'];

const FIELDS = [
  'policy',
  'filename',
  'contentType',
  'servedType',
  'size',
  'transport',
  'epoch',
  'versionId',
  'reason',
  'detail',
  'reference',
  'grantId',
  'correlationId',
  ...TIMES,
];

/** An upload with its objects, messages and log lines, and what to do next. */
export function printShown(shown: ShownUpload, lines: readonly LogLine[], world: World): void {
  const line = (text: string) => printLine(world.stdout, text);
  const columns = (rows: readonly (readonly string[])[]) => {
    for (const text of toColumns(rows.map((row) => row.map(printable)))) line(`  ${text}`);
  };
  line(`${shown.id}  ${paintState(world, world.stdout, shown.state ?? 'no row')}`);
  if (shown.unreadable !== undefined) line(`  ${printable(shown.unreadable)}`);
  columns([
    ...(shown.key === undefined ? [] : [['key', shown.key]]),
    ...(shown.owner === undefined ? [] : [['owner', `${shown.owner.subject} of ${shown.owner.tenant}`]]),
    ...FIELDS.flatMap((name) => {
      const value = shown.row?.[name];
      return value === undefined ? [] : [[name, toText(name, value)]];
    }),
  ]);
  line('Objects');
  columns(
    shown.objects.length === 0
      ? [['none']]
      : shown.objects.map(({ place, size, modifiedAt = '', versionId = '', isMarker, isLatest }) => [
          place,
          isMarker ? 'removed' : toSize(size),
          modifiedAt,
          versionId,
          isLatest ? '' : 'older version',
        ]),
  );
  for (const { uploadId, startedAt = '' } of shown.unfinished) columns([['parts', startedAt, uploadId]]);
  line('Dead letters');
  columns(
    Object.entries(shown.searched).map(([queue, { messages, isAll }]) => {
      const found = shown.messages.filter((message) => message.queue === queue).length;
      return [queue, `${found} of it, among ${isAll ? 'all' : 'the first'} ${messages}`];
    }),
  );
  if (lines.length > 0) line('Log');
  columns(
    lines.map(({ time, function: name, level = '', message, fields }) => [
      time,
      name,
      level,
      `${message}  ${JSON.stringify(fields)}`,
    ]),
  );
  line('What to do');
  for (const { text, commands } of shown.advice) {
    line(`  ${printable(text)}`);
    for (const command of commands) line(`    ${paint(world, world.stdout, 'green', printable(command))}`);
  }
}

function toText(name: string, value: unknown): string {
  if (TIMES.includes(name) && typeof value === 'number') return new Date(value).toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
