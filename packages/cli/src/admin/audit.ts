import type { LogLine } from '@sluice/connection/find-lines';
import { UsageError } from '../complaint.ts';
import { parseTime } from '../events/options.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { requireIds } from '../id.ts';
import { type Options, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { type Operator, openOperator } from './invoke.ts';
import { ADMIN_STACK_OPTIONS } from './options.ts';

export const AUDIT_OPTIONS = {
  who: {
    type: 'string',
    value: 'digest',
    help: 'audit: what this person did, and what was done with their files',
  },
} as const satisfies Options;

const DAY_MS = 86_400_000;
const DIGEST = /^[\w-]{22}$/;

/** Tells who did what with an upload, or what a person did: the records of the audit trail in the logs. */
export async function audit(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...AUDIT_OPTIONS,
    since: { type: 'string', value: 'time', help: 'from when on; for a day when absent' },
  });
  if (positionals.length + (values.who === undefined ? 0 : 1) !== 1) {
    throw new UsageError('Deeds of what? Name the id of one upload, or a person with --who.');
  }
  const now = world.timing.now();
  const since = values.since === undefined ? now - DAY_MS : parseTime('since', values.since, now).getTime();
  const text = toText(positionals[0], values.who);
  using operator = await openOperator(values, world);
  const records = (await find(operator, text, since, world)).filter(({ fields }) => fields.audit === true);
  for (const record of records) {
    if (values.json) printJson(world.stdout, toRecord(record));
    else printLine(world.stdout, toLine(record));
  }
  if (!values.json) printLine(world.stderr, summaryOf(records.length, since));
  return EXIT.ok;
}

/** What the records have in them: the id of an upload, or the digest of a person. */
function toText(id: string | undefined, who = ''): string {
  if (id !== undefined) return requireIds([id])[0] ?? id;
  if (!DIGEST.test(who))
    throw new UsageError('--who is a digest of 22 characters, as lines of the log have it.');
  return who;
}

async function find(operator: Operator, text: string, since: number, world: World) {
  const [{ createLogsClient }, { findLines }] = await Promise.all([
    import('@sluice/connection/clients/logs'),
    import('@sluice/connection/find-lines'),
  ]);
  const client = operator.session.client(createLogsClient);
  return findLines(client, { stack: operator.stack, text, since }, world.signal);
}

function toRecord({ time, message, fields: { audit: _mark, ...fields } }: LogLine) {
  return { time, deed: message, ...fields };
}

// Whom and what a record is about, in this order; the rest follows.
const FIRST = ['caller', 'client', 'grantId', 'who', 'uploadId', 'owner'];

function toLine({ time, message, fields: { audit: _mark, ...fields } }: LogLine): string {
  const rest = Object.keys(fields).filter((name) => !FIRST.includes(name));
  const told = [...FIRST, ...rest].flatMap((name) => {
    const value = fields[name];
    return value === undefined ? [] : [`${name}=${printable(String(value))}`];
  });
  return `${time}  ${message.padEnd(16)}  ${told.join(' ')}`;
}

function summaryOf(count: number, since: number): string {
  const from = `since ${new Date(since).toISOString()}`;
  if (count > 0) return `${count} records ${from}. Older ones are in the trail's bucket: docs/operating.md.`;
  return `No records ${from}. Without the parameter auditRetentionInDays there are none.`;
}
