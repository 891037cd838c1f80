import type { AdminItem, AdminPage } from '@sluice/contract/admin';
import { KeptError } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { createLive } from '../live.ts';
import { printJson, printLine } from '../print.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { type AdminRequest, openOperator } from './invoke.ts';
import { describeCounts, type WorkValues } from './options.ts';

type Work = {
  /** of the command, as it is typed */
  readonly name: string;
  readonly request: AdminRequest;
  /** Does something with each page as it comes, beside showing it. */
  readonly onPage?: (page: AdminPage) => Promise<void>;
};

/**
 * Has a command done page by page: items on stdout, progress on stderr, the sum at the end. What was stopped
 * says how to go on. Fails if anything has failed.
 */
export async function doWork(
  { name, request, onPage }: Work,
  values: WorkValues,
  world: World,
): Promise<ExitCode> {
  using operator = await openOperator(values, world);
  const isDry = values['dry-run'] === true;
  const counts: Record<string, number> = {};
  const live = createLive(world.stderr, world.timing.now);
  let cursor = values.resume;
  for (;;) {
    const page: AdminPage = await operator
      .ask<AdminPage>({
        ...request,
        ...(isDry && { dryRun: true }),
        ...(cursor !== undefined && { cursor }),
      })
      .catch((error: unknown) => {
        live.clear('counts');
        if (cursor === undefined || !(error instanceof Error)) throw error;
        throw new KeptError(error, `To go on: sluice admin ${name} … --resume ${cursor}`);
      });
    for (const [outcome, count] of Object.entries(page.counts)) {
      counts[outcome] = (counts[outcome] ?? 0) + count;
    }
    live.keep(() => {
      for (const item of page.items) printItem(item, values.json === true, world);
    });
    await onPage?.(page);
    cursor = page.cursor;
    if (cursor === undefined) break;
    live.set('counts', `${describeCounts(counts)} so far`, 'now');
    if (world.stderr.isTTY !== true && values.json !== true) {
      printLine(world.stderr, `${describeCounts(counts)} so far`);
    }
    if (world.signal.aborted) {
      live.clear('counts');
      printLine(world.stderr, `To go on: sluice admin ${name} … --resume ${cursor}`);
      return EXIT.interrupted;
    }
  }
  live.clear('counts');
  if (values.json) printJson(world.stdout, { counts, ...(isDry && { dryRun: true }) });
  else {
    printLine(world.stdout, `${describeCounts(counts)}.${isDry ? ' Nothing was changed.' : ''}`);
  }
  return (counts.failed ?? 0) > 0 ? EXIT.failed : EXIT.ok;
}

function printItem(item: AdminItem, json: boolean, world: World): void {
  if (json) printJson(world.stdout, item);
  else {
    const { outcome, id, detail } = item;
    printLine(
      world.stdout,
      printable(`${outcome.padEnd(10)}  ${id}${detail === undefined ? '' : `  ${detail}`}`),
    );
  }
}
