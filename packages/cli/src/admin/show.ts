import type { LogLine } from '@sluice/connection/find-lines';
import type { ShownUpload } from '@sluice/contract/admin';
import { Complaint, UsageError } from '../complaint.ts';
import { parseTime } from '../events/options.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { toReport } from '../report.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { type Operator, openOperator } from './invoke.ts';
import { ADMIN_STACK_OPTIONS } from './options.ts';
import { printShown } from './print-shown.ts';

export const SHOW_OPTIONS = {
  since: {
    type: 'string',
    value: 'time',
    help: 'from when on: 2026-11-20, 2026-11-20T09:15:00Z, or 15m, 2h, 3d; show: the logs, since the request when absent',
  },
  'no-logs': { type: 'boolean', help: 'show: search no logs' },
} as const satisfies Options;

const DAY_MS = 86_400_000;
// Requests are logged a moment before their row is made.
const BEFORE_THE_ROW_MS = 60_000;

/** Shows all that is known of one upload, and what to do next. */
export async function show(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, { ...ADMIN_STACK_OPTIONS, ...SHOW_OPTIONS });
  const [named, ...more] = positionals;
  if (named === undefined) {
    throw new UsageError('Which upload? Name its id, its key, or a request or message id of the log.');
  }
  if (more.length > 0) throw new UsageError('One upload at a time, please.');
  const since =
    values.since === undefined ? undefined : parseTime('since', values.since, world.timing.now()).getTime();
  using operator = await openOperator(values, world);
  const shown = await find(operator, named, since, world);
  const lines = values['no-logs'] ? [] : await readLines(operator, shown, since, world);
  if (values.json) printJson(world.stdout, { ...shown, ...(!values['no-logs'] && { log: lines }) });
  else printShown(shown, lines, world);
  return EXIT.ok;
}

/** The upload that is meant; a message id of SQS has the form of an upload's. */
async function find(operator: Operator, named: string, since: number | undefined, world: World) {
  const ask = (one: { readonly id: string; readonly key?: string }) =>
    operator.ask<ShownUpload>({ command: 'show', ...one });
  const request = toRequest(named);
  if (request === undefined) return ask(await findInLogs(operator, named, since, world));
  const shown = await ask(request);
  if (shown.row !== undefined || shown.unreadable !== undefined || shown.objects.length > 0) return shown;
  try {
    return await ask(await findInLogs(operator, named, since, world));
  } catch (error) {
    if (world.signal.aborted) throw error;
    return shown;
  }
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By an id or by a key, which ends in one; undefined for anything else. */
function toRequest(named: string): { readonly id: string; readonly key?: string } | undefined {
  if (ID.test(named)) return { id: named };
  const id = named.slice(named.lastIndexOf('/') + 1);
  return named.includes('/') && ID.test(id) ? { id, key: named } : undefined;
}

async function openLogs({ session }: Operator) {
  const [{ createLogsClient }, { findLines }] = await Promise.all([
    import('@sluice/connection/clients/logs'),
    import('@sluice/connection/find-lines'),
  ]);
  const client = session.client(createLogsClient);
  return (search: Parameters<typeof findLines>[1], signal: AbortSignal) => findLines(client, search, signal);
}

/** The upload of which a line with this request or message id tells. */
async function findInLogs(
  operator: Operator,
  text: string,
  since: number | undefined,
  world: World,
): Promise<{ readonly id: string }> {
  const find = await openLogs(operator);
  const from = since ?? world.timing.now() - DAY_MS;
  const lines = await find({ stack: operator.stack, text, since: from }, world.signal);
  // Who asked about this id before left lines that name it as an upload's.
  const ids = [
    ...new Set(
      lines.flatMap(({ fields: { uploadId } }) => (isText(uploadId) && uploadId !== text ? [uploadId] : [])),
    ),
  ];
  const [id] = ids;
  if (id === undefined) {
    throw new Complaint(
      `No line of the logs since ${new Date(from).toISOString()} tells of an upload and has "${printable(text)}".`,
      lines.length > 0
        ? 'There are lines with it, but none of an upload: the request was refused before there was one.'
        : 'Is it of this stage? --since searches further back.',
    );
  }
  if (ids.length > 1) {
    throw new UsageError(`It is of several uploads; name one: ${ids.map(printable).join(', ')}.`);
  }
  return { id };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Lines that name the upload, or the request that made it. Keys that may not read logs see the rest. */
async function readLines(
  operator: Operator,
  { id, row }: ShownUpload,
  since: number | undefined,
  world: World,
): Promise<readonly LogLine[]> {
  const { createdAt, correlationId } = row ?? {};
  const from =
    since ?? (typeof createdAt === 'number' ? createdAt - BEFORE_THE_ROW_MS : world.timing.now() - DAY_MS);
  const find = await openLogs(operator);
  try {
    const byId = await find({ stack: operator.stack, text: id, since: from }, world.signal);
    if (!isText(correlationId) || correlationId === '') return byId;
    const byRequest = await find({ stack: operator.stack, text: correlationId, since: from }, world.signal);
    const known = new Set(byId.map((line) => JSON.stringify(line)));
    // One call may have requested a hundred uploads: the lines of the others are not about this one.
    const isOfAnother = ({ fields: { uploadId } }: LogLine) => isText(uploadId) && uploadId !== id;
    const all = [
      ...byId,
      ...byRequest.filter((line) => !isOfAnother(line) && !known.has(JSON.stringify(line))),
    ];
    return all.toSorted((a, b) => a.time.localeCompare(b.time));
  } catch (error) {
    if (world.signal.aborted) throw error;
    printLine(world.stderr, `The logs could not be read: ${toReport(error, false).message}`);
    return [];
  }
}
