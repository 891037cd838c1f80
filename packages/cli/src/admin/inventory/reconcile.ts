import { createS3Client } from '@sluice/connection/clients/s3';
import { forEach } from '@sluice/connection/transfers/workers';
import {
  type AdminItem,
  type AdminPage,
  REPORTED_AT_MOST,
  type ReportedObject,
  type ReportPart,
} from '@sluice/contract/admin';
import { KeptError, UsageError } from '../../complaint.ts';
import { EXIT, type ExitCode } from '../../exit.ts';
import { createLive } from '../../live.ts';
import { printLine } from '../../print.ts';
import { printable } from '../../text.ts';
import type { World } from '../../world.ts';
import { type AdminRequest, openOperator } from '../invoke.ts';
import { describeCounts, type WorkValues } from '../options.ts';
import { printEnd, printItems, toResume } from '../work.ts';
import { readEntries } from './entries.ts';
import { type KeyFiles, openKeyFiles } from './key-files.ts';
import { type Report, readReport, type S3 } from './manifest.ts';

type Request = Extract<AdminRequest, { command: 'reconcile' }>;

const PLACES = ['incoming', 'store', 'quarantine'] as const;
type Place = (typeof PLACES)[number];
type Placed = { readonly place: Place; readonly report: Report };

// Calls of the function at once. Each of them reads up to 100 rows at a time.
const AT_ONCE = 4;
const SEGMENTS = Array.from({ length: AT_ONCE }, (_, number) => ({ number, of: AT_ONCE }));

/** Where a run is: so many objects of a place's report are compared, or all of them are. */
type Position = { readonly place: Place | 'rows'; readonly objects: number };

/** What a run does with pages, and how it asks for them. */
type Run = {
  readonly counts: Record<string, number>;
  readonly world: World;
  /** Has all of a part compared. */
  readonly ask: (part: ReportPart, onItem?: (item: AdminItem) => boolean) => Promise<void>;
  /** Shows how far it is. */
  readonly tell: (position: Position) => void;
};

/**
 * Compares the reports of S3 Inventory of some buckets with the ledger, and with the report of the store the
 * ledger with that. The reports are read here, the rows and whatever looks wrong by the function. Goes on at
 * a place where it was stopped; only what is needed for the other direction is read again.
 */
export async function reconcileReports(
  addresses: readonly string[],
  request: AdminRequest,
  values: WorkValues,
  world: World,
): Promise<ExitCode> {
  const from = parsePosition(values.resume);
  using operator = await openOperator(values, world);
  const client = operator.session.client(createS3Client);
  const json = values.json === true;
  const counts: Record<string, number> = {};
  const live = createLive(world.stderr, world.timing.now);
  const began = world.timing.now();
  let looked = 0;
  let at = from;

  const ask: Run['ask'] = async (report, onItem) => {
    for (let cursor: string | undefined; ; ) {
      const page: AdminPage = await operator.ask<AdminPage>({
        // Sound: it was made as one of this command.
        ...(request as Request),
        report,
        ...(values['dry-run'] && { dryRun: true }),
        ...(cursor !== undefined && { cursor }),
      });
      const items = onItem === undefined ? page.items : page.items.filter((item) => onItem(item));
      live.keep(() => printItems(items, json, world));
      for (const [outcome, count] of Object.entries(page.counts)) {
        if (outcome !== 'accepted') counts[outcome] = (counts[outcome] ?? 0) + count;
        looked += count;
      }
      cursor = page.cursor;
      if (cursor === undefined) return;
      world.signal.throwIfAborted();
    }
  };
  const tell = (position: Position) => {
    at = position;
    const seconds = Math.max(1, (world.timing.now() - began) / 1_000);
    const line = `${at.place}: ${describeCounts(counts)} so far, ${Math.round(looked / seconds)} a second`;
    if (world.stderr.isTTY === true) live.set('counts', line, 'now');
    else if (!json) printLine(world.stderr, line);
  };

  try {
    const reports = await readReports(addresses, client, ask, world);
    for (const { place, report } of reports) {
      const made = new Date(report.madeAt).toISOString();
      printLine(
        world.stderr,
        `${place}: ${printable(report.bucket)} as of ${made}, ${report.files.length} files`,
      );
    }
    await using keys = await openKeyFiles();
    const run = { counts, world, ask, tell };
    for (const placed of reports) await compareReport(run, client, placed, from, keys);
    const store = reports.find(({ place }) => place === 'store');
    const notes =
      store === undefined ? ['The rows were not compared: that takes the report of the store.'] : [];
    if (store !== undefined) {
      tell({ place: 'rows', objects: 0 });
      await compareRows(run, store.report.madeAt, keys);
    }
    live.clear('counts');
    return printEnd({ counts, notes }, values, world);
  } catch (error) {
    live.clear('counts');
    const hint = toResume({ name: 'reconcile' }, `${at.place}:${at.objects}`);
    if (world.signal.aborted) {
      printLine(world.stderr, hint);
      return EXIT.interrupted;
    }
    if (looked === 0 || !(error instanceof Error)) throw error;
    throw new KeptError(error, hint);
  }
}

function parsePosition(text: string | undefined): Position {
  if (text === undefined) return { place: PLACES[0], objects: 0 };
  const [, name, count] = /^(\w+):(\d{1,12})$/.exec(text) ?? [];
  const place = [...PLACES, 'rows' as const].find((known) => known === name);
  if (place === undefined) throw new UsageError('--resume takes what a stopped call with --inventory said.');
  return { place, objects: Number(count) };
}

/** The reports in the order of their places, one for each. */
async function readReports(
  addresses: readonly string[],
  client: S3,
  ask: Run['ask'],
  world: World,
): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const address of addresses) {
    const report = await readReport(client, address, world.signal);
    await ask({ kind: 'objects', bucket: report.bucket, objects: [] }, ({ outcome }) => {
      const place = PLACES.find((known) => known === outcome);
      if (place !== undefined) placed.push({ place, report });
      return false;
    });
  }
  for (const place of PLACES) {
    if (placed.filter((one) => one.place === place).length > 1) {
      throw new UsageError(`There are two reports of ${place}: name one for each bucket.`);
    }
  }
  return PLACES.flatMap((place) => placed.filter((one) => one.place === place));
}

async function compareReport(
  { ask, tell, world }: Run,
  client: S3,
  { place, report }: Placed,
  from: Position,
  keys: KeyFiles,
): Promise<void> {
  const order = [...PLACES, 'rows'];
  const isBefore = order.indexOf(place) < order.indexOf(from.place);
  if (isBefore && place !== 'store') return;
  const done = isBefore ? Number.POSITIVE_INFINITY : place === from.place ? from.objects : 0;
  let count = 0;
  let group: ReportedObject[][] = [[]];
  const compare = async () => {
    const batches = group.filter((batch) => batch.length > 0);
    group = [[]];
    await forEach(batches, AT_ONCE, world.signal, (objects) =>
      ask({ kind: 'objects', bucket: report.bucket, objects }),
    );
    world.signal.throwIfAborted();
    if (batches.length > 0) tell({ place, objects: count });
  };
  if (!isBefore) tell({ place, objects: done });
  for (const file of report.files) {
    for await (const object of readEntries(client, report, file, world.signal)) {
      if (place === 'store') keys.add('report', object.key);
      count += 1;
      if (count <= done) continue;
      const batch = group.at(-1);
      if (batch !== undefined && batch.length < REPORTED_AT_MOST) batch.push(object);
      else group.push([object]);
      if (group.length === AT_ONCE && group.at(-1)?.length === REPORTED_AT_MOST) await compare();
    }
  }
  await compare();
}

/** The other direction: whatever is accepted and in no report is looked up. */
async function compareRows({ ask, counts, world, tell }: Run, madeAt: number, keys: KeyFiles): Promise<void> {
  let accepted = 0;
  await forEach(SEGMENTS, AT_ONCE, world.signal, (segment) =>
    ask({ kind: 'rows', madeAt, segment }, ({ id, outcome }) => {
      if (outcome !== 'accepted') return true;
      accepted += 1;
      keys.add('ledger', id);
      return false;
    }),
  );
  let missing = 0;
  let ids: string[] = [];
  const lookUp = async () => {
    if (ids.length > 0) await ask({ kind: 'files', ids });
    ids = [];
    world.signal.throwIfAborted();
  };
  for await (const key of keys.missing()) {
    missing += 1;
    ids.push(key.slice(key.lastIndexOf('/') + 1));
    if (ids.length === REPORTED_AT_MOST) await lookUp();
  }
  await lookUp();
  const found = accepted - missing - (counts['not counted'] ?? 0);
  if (found > 0) counts['row in order'] = (counts['row in order'] ?? 0) + found;
  tell({ place: 'rows', objects: 0 });
}
