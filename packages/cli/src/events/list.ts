import type { UploadEvent } from '@sluice/contract/event';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { openFeed, parseTypes, readEvents } from './feed.ts';
import { EVENT_OPTIONS, parseAlone, parseTime } from './options.ts';

export const LIST_OPTIONS = {
  ...EVENT_OPTIONS,
  follow: { type: 'boolean', short: 'f', help: 'list: go on with what happens' },
} as const satisfies Options;

const DAY_MS = 86_400_000;

/** Lists what happened, oldest first. */
export async function listEvents(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, LIST_OPTIONS);
  const now = world.timing.now();
  const since = values.since === undefined ? new Date(now - DAY_MS) : parseTime('since', values.since, now);
  const query = { since, types: parseTypes(values.type), follow: values.follow === true };
  const api = await openFeed(values, world);
  let count = 0;
  for await (const event of readEvents(api, query, world)) {
    count += 1;
    if (values.json) printJson(world.stdout, event);
    else printLine(world.stdout, toLine(event));
  }
  if (count === 0 && !values.json) printLine(world.stderr, 'There are none.');
  return EXIT.ok;
}

function toLine({ time, type, subject, data }: UploadEvent): string {
  const why = data.reason === undefined ? '' : `  (${data.reason})`;
  return [time, type.padEnd('upload.readers_changed'.length), subject, `${data.filename}${why}`]
    .map(printable)
    .join('  ');
}
