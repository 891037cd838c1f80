import type { AdminItem, AdminPage } from '@sluice/contract/admin';
import { type Complaint, KeptError } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { createLive } from '../live.ts';
import { printJson, printLine } from '../print.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { type AdminRequest, openOperator } from './invoke.ts';
import { describeCounts, type WorkValues } from './options.ts';

export type Work = {
  /** of the command, as it is typed */
  readonly name: string;
  readonly request: AdminRequest;
  /** Does something with each page as it comes, in place of writing its items. */
  readonly onPage?: (page: AdminPage, again: () => Promise<AdminPage>) => Promise<void>;
  /** Says, after a page, why the work is not to go on like this, and how it may. */
  readonly refuseMore?: (counts: Ended['counts'], cursor: string) => Complaint | undefined;
  /** Is told the sum once all is done. */
  readonly onEnd?: (end: Ended) => Promise<void>;
};

/** What a command came to. */
export type Ended = {
  readonly stack: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
};

/**
 * Has a command done page by page: items on stdout, progress on stderr, the sum at the end. What was stopped
 * says how to go on. Fails if anything has failed.
 */
export async function doWork(work: Work, values: WorkValues, world: World): Promise<ExitCode> {
  using operator = await openOperator(values, world);
  const isDry = values['dry-run'] === true;
  const json = values.json === true;
  const counts: Record<string, number> = {};
  const notes: string[] = [];
  const live = createLive(world.stderr, world.timing.now);
  const ask = (cursor: string | undefined) =>
    operator.ask<AdminPage>({
      ...work.request,
      ...(isDry && { dryRun: true }),
      ...(cursor !== undefined && { cursor }),
    });
  for (let cursor = values.resume; ; ) {
    const at = cursor;
    const page = await ask(at).catch((error: unknown) => {
      live.clear('counts');
      if (at === undefined || !(error instanceof Error)) throw error;
      throw new KeptError(error, toResume(work, at));
    });
    for (const [outcome, count] of Object.entries(page.counts)) {
      counts[outcome] = (counts[outcome] ?? 0) + count;
    }
    notes.push(...(page.notes ?? []));
    if (work.onPage) await work.onPage(page, () => ask(at));
    else live.keep(() => printItems(page.items, json, world));
    cursor = page.cursor;
    if (cursor === undefined) break;
    const refused = work.refuseMore?.(counts, cursor);
    if (refused !== undefined) {
      live.clear('counts');
      throw new KeptError(refused, `${refused.hint} ${toResume(work, cursor)}`);
    }
    if (world.stderr.isTTY === true) live.set('counts', `${describeCounts(counts)} so far`, 'now');
    else if (!json) printLine(world.stderr, `${describeCounts(counts)} so far`);
    if (world.signal.aborted) {
      live.clear('counts');
      printLine(world.stderr, toResume(work, cursor));
      return EXIT.interrupted;
    }
  }
  live.clear('counts');
  await work.onEnd?.({ stack: operator.stack, counts, notes });
  return printEnd({ counts, notes }, values, world);
}

/** The sum at the end. Fails if anything has failed. */
export function printEnd(
  { counts, notes }: Omit<Ended, 'stack'>,
  { json, 'dry-run': isDry = false }: WorkValues,
  world: World,
): ExitCode {
  if (json) {
    printJson(world.stdout, { counts, ...(isDry && { dryRun: true }), ...(notes.length > 0 && { notes }) });
  } else {
    printLine(world.stdout, `${describeCounts(counts)}.${isDry ? ' Nothing was changed.' : ''}`);
    for (const note of notes) printLine(world.stdout, printable(note));
  }
  return (counts.failed ?? 0) > 0 ? EXIT.failed : EXIT.ok;
}

/** How to go on after a stop. */
export function toResume({ name }: Pick<Work, 'name'>, cursor: string): string {
  return `To go on: sluice admin ${name} … --resume ${printable(cursor)}`;
}

/** What became of each thing, a line for each. */
export function printItems(items: readonly AdminItem[], json: boolean, world: World): void {
  for (const { outcome, id, detail, ...rest } of items) {
    if (json) printJson(world.stdout, { id, outcome, ...(detail !== undefined && { detail }), ...rest });
    else printLine(world.stdout, printable(`${outcome.padEnd(12)}  ${id}${detail ? `  ${detail}` : ''}`));
  }
}
