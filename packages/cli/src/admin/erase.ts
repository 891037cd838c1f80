import { UsageError } from '../complaint.ts';
import { parseAlone } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import type { World } from '../world.ts';
import { writeOwnFile } from '../write-file.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { OWNER_OPTIONS, requireOwner } from './owner.ts';
import { doWork } from './work.ts';

export const ERASE_OPTIONS = {
  ...OWNER_OPTIONS,
  certificate: {
    type: 'string',
    value: 'file',
    help: 'erase: write what was removed, and what others still hold',
  },
  yes: { type: 'boolean', help: 'erase: without being asked whether you mean it' },
} as const satisfies Options;

/** Removes all uploads of an owner or a tenant. */
export async function erase(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...WORK_OPTIONS, ...ERASE_OPTIONS });
  const owner = requireOwner(values);
  if (values['dry-run'] !== true && values.yes !== true) await confirm(owner, world);
  const began = new Date(world.timing.now()).toISOString();
  const request = { command: 'erase', ...owner } as const;
  return doWork(
    {
      name: 'erase',
      request,
      onEnd: async ({ stack, counts, notes }) => {
        if (values.certificate === undefined) return;
        const ended = new Date(world.timing.now()).toISOString();
        const isComplete = ['later', 'running', 'failed', 'unreadable'].every(
          (name) => counts[name] === undefined,
        );
        const certificate = {
          stack,
          ...owner,
          began,
          ended,
          ...(values['dry-run'] && { dryRun: true }),
          isComplete,
          counts,
          stillHeld: notes,
        };
        await writeOwnFile(values.certificate, `${JSON.stringify(certificate, undefined, 2)}\n`);
      },
    },
    values,
    world,
  );
}

/** Throws UsageError unless the person types the name of whom it is about. */
async function confirm(
  { tenant, subject }: { readonly tenant: string; readonly subject?: string },
  world: World,
): Promise<void> {
  const name = subject ?? tenant;
  if (world.ask === undefined) {
    throw new UsageError('`erase` cannot be undone: see --dry-run, then say --yes.');
  }
  const whose = subject === undefined ? `everybody of tenant ${tenant}` : `${subject} of tenant ${tenant}`;
  const typed = await world.ask(`All uploads of ${whose} are removed for ever. Type ${name} to go on: `);
  if (typed.trim() !== name) throw new UsageError('That is another name. Nothing was changed.');
}
