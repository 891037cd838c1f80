import { createClient } from '@sluice/client/client';
import { addressOf } from '../address.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT, type ExitCode, worst } from '../exit.ts';
import { requireIds } from '../id.ts';
import { type Options, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { toReport } from '../report.ts';
import { describeFailure } from '../result.ts';
import { findTarget } from '../target.ts';
import { toReaders } from '../upload-options.ts';

const OPTIONS = {
  readers: {
    type: 'string',
    short: 'r',
    value: 'owner|tenant|anyone',
    help: 'you alone, everybody of your tenant, or anybody who has the address',
  },
} as const satisfies Options;

export const share: Command = {
  name: 'share',
  summary: 'say who may read a file',
  usage: '<id>... --readers owner|tenant|anyone [options]',
  details:
    'The policy of the file says what is allowed: `sluice policies`. What anyone may read has an address that stays.\n' +
    'After --readers owner nobody else gets a new address; those that are out are good until they end, minutes later.\n' +
    'With --json a line per upload: {"id", "readers", "address"} or {"id", "error"}.',
  options: OPTIONS,
  examples: [
    ['sluice share 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11 --readers tenant', 'lets your tenant read it'],
    ['sluice share 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11 --readers owner', 'takes that back'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const ids = requireIds(positionals);
    const readers = toReaders(values.readers);
    if (readers === undefined) throw new UsageError('With whom? --readers owner, tenant or anyone.');
    const target = await findTarget(values, world);
    const client = createClient({ ...target, timing: world.timing });
    const codes: ExitCode[] = [];
    for (const id of ids) {
      try {
        const upload = await client.share(id, readers, { signal: world.signal });
        const address = addressOf(target.endpoint, upload);
        if (values.json) printJson(world.stdout, { id, readers, address });
        else printLine(world.stdout, [id, readers, address].filter(Boolean).join('  '));
      } catch (error) {
        if (world.signal.aborted) throw error;
        const { exit, ...report } = toReport(error, target.stack !== undefined);
        if (values.json) printJson(world.stdout, { id, error: report });
        else printLine(world.stderr, describeFailure(world, id, report));
        codes.push(exit);
      }
    }
    return codes.length === 0 ? EXIT.ok : worst(codes);
  },
};
