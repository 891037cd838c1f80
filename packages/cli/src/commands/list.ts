import { type Client, createClient } from '@sluice/client/client';
import type { Upload, UploadPage } from '@sluice/client/resource';
import { readPages } from '@sluice/connection/pages';
import { STATES, type State } from '@sluice/contract/state';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { type Options, OWNER_OPTIONS, parse, parseCount } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';
import { printTable } from '../uploads-table.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  tenant: {
    type: 'boolean',
    short: 't',
    help: 'what everybody of your tenant may read, in place of your own',
  },
  state: { type: 'string', short: 's', value: 'state', help: 'only one state, such as accepted or held' },
  reference: { type: 'string', value: 'id', help: 'only those that were uploaded with this --reference' },
  limit: { type: 'string', short: 'n', value: 'count', help: 'the most uploads to list; 20 when absent' },
  all: { type: 'boolean', short: 'a', help: 'list every one' },
  ...OWNER_OPTIONS,
} as const satisfies Options;

export const list: Command = {
  name: 'list',
  summary: 'list your uploads, newest first',
  usage: '[options]',
  details: 'With --json: {"uploads": [...], "more": true | false}.',
  options: OPTIONS,
  examples: [
    ['sluice list', 'lists the last twenty'],
    ['sluice list --tenant', 'lists what others of your tenant share with you, and you with them'],
    ['sluice list --owner 6f1d2c3b-4a59 --owner-tenant acme', 'lists those of a user, as a service'],
    ['sluice list --state rejected --all', 'lists everything that was ever rejected'],
    ['sluice list --all --json | jq -r ".uploads[].id"', 'gives all ids to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    if (positionals.length > 0)
      throw new UsageError('`list` takes no name; `sluice status <id>` tells of one upload.');
    if (values.all && values.limit !== undefined)
      throw new UsageError('--all and --limit exclude each other.');
    const limit = values.all
      ? Number.POSITIVE_INFINITY
      : parseCount('limit', values.limit ?? '20', [1, 100_000]);
    const state = toState(values.state);
    const client = createClient({ ...(await findTarget(values, world)), timing: world.timing });
    const { 'owner-tenant': tenant, owner } = values;
    const { uploads, more } = await collect(client, {
      scope: values.tenant ? 'tenant' : undefined,
      state,
      reference: values.reference,
      limit,
      whose: { ...(tenant !== undefined && { tenant }), ...(owner !== undefined && { owner }) },
      signal: world.signal,
    });
    if (values.json) printJson(world.stdout, { uploads, more });
    else printUploads(world, uploads, more);
    return EXIT.ok;
  },
};

function toState(text: string | undefined): State | undefined {
  const state = STATES.find((known) => known === text);
  if (text === undefined || state !== undefined) return state;
  throw new UsageError(`--state must be one of ${STATES.join(', ')}.`);
}

const LARGEST_PAGE = 100;

type Wanted = {
  readonly scope: 'tenant' | undefined;
  readonly state: State | undefined;
  readonly reference: string | undefined;
  readonly limit: number;
  readonly whose: { readonly tenant?: string; readonly owner?: string };
  readonly signal: AbortSignal;
};

async function collect(
  client: Client,
  { scope, state, reference, limit, whose, signal }: Wanted,
): Promise<{ uploads: readonly Upload[]; more: boolean }> {
  const uploads: Upload[] = [];
  let more = false;
  const pages = readPages<UploadPage>(
    (cursor) =>
      client.list({
        scope,
        state,
        reference,
        limit: Math.min(LARGEST_PAGE, limit - uploads.length),
        ...(cursor !== undefined && { cursor }),
        ...whose,
        signal,
      }),
    ({ cursor }) => cursor,
    signal,
  );
  // A page may be short, or empty, although more follow: only the cursor tells.
  for await (const page of pages) {
    uploads.push(...page.uploads);
    more = page.cursor !== undefined;
    if (uploads.length >= limit) break;
  }
  return { uploads, more };
}

function printUploads(world: World, uploads: readonly Upload[], more: boolean): void {
  if (uploads.length === 0) {
    printLine(world.stderr, 'There are none.');
    return;
  }
  printTable(world, uploads);
  if (more) printLine(world.stderr, 'There are more: --all lists every one, --limit some.');
}
