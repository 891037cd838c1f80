import { createClient } from '@sluice/client/client';
import { toExactSize } from '@sluice/contract/size-text';
import { isSettled } from '@sluice/contract/state';
import { addressOf } from '../address.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { requireId } from '../id.ts';
import { type Options, parse } from '../options.ts';
import { paintState, printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';
import { printable, toColumns } from '../text.ts';

const OPTIONS = {
  wait: { type: 'boolean', short: 'w', help: 'wait for the verdict; the exit code then tells it' },
} as const satisfies Options;

export const status: Command = {
  name: 'status',
  summary: 'tell where an upload stands, and why',
  usage: '<id> [options]',
  details: 'Without --wait the exit code is 0 for any state.',
  options: OPTIONS,
  examples: [
    ['sluice status 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11', 'tells all that is known of one upload'],
    ['sluice status 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11 --wait && echo good', 'goes on when it is accepted'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const id = requireId(positionals);
    const client = createClient({ ...(await findTarget(values, world)), timing: world.timing });
    const { signal } = world;
    const upload = await (values.wait ? client.wait(id, { signal }) : client.status(id, { signal }));
    if (values.json) printJson(world.stdout, upload);
    else {
      const facts: [string, string | undefined][] = [
        ['id', upload.id],
        ['state', upload.state],
        ['reason', upload.reason],
        ['detail', upload.detail],
        ['file', upload.filename],
        ['size', toExactSize(upload.size)],
        ['declared type', upload.contentType],
        ['type of the bytes', upload.detectedType],
        ['served as', upload.servedType],
        ['downloaded as', upload.servedName === upload.filename ? undefined : upload.servedName],
        ['policy', upload.policy],
        ['readers', upload.readers],
        ['address', addressOf(client, upload)],
        ['checksum', upload.checksum && `${upload.checksum.algorithm} ${upload.checksum.value}`],
        ...Object.entries(upload.metadata ?? {}).map(([key, value]): [string, string] => [
          `metadata ${key}`,
          value,
        ]),
        ['reference', upload.reference],
        ['requested', upload.createdAt],
        ['to be sent by', isSettled(upload.state) ? undefined : upload.expiresAt],
        ['settled', upload.settledAt],
      ];
      const known = facts.flatMap(([name, value]) =>
        value === undefined ? [] : [[printable(name), printable(value)]],
      );
      for (const line of toColumns(known)) {
        printLine(
          world.stdout,
          line.startsWith('state ')
            ? line.replace(upload.state, paintState(world, world.stdout, upload.state))
            : line,
        );
      }
    }
    return !values.wait || upload.state === 'accepted' ? EXIT.ok : EXIT.rejected;
  },
};
