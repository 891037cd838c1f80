import { createClient } from '@sluice/client/client';
import type { Upload } from '@sluice/client/resource';
import { toExactSize } from '@sluice/contract/size-text';
import { isSettled } from '@sluice/contract/state';
import { addressOf } from '../address.ts';
import type { Command } from '../command.ts';
import { eachId } from '../each-id.ts';
import { EXIT, type ExitCode, worst } from '../exit.ts';
import { requireIds } from '../id.ts';
import { type Options, parse } from '../options.ts';
import { paintState, printJson, printLine } from '../print.ts';
import { describeFailure } from '../result.ts';
import { findTarget, type Target } from '../target.ts';
import { printable, toColumns } from '../text.ts';
import { printTable } from '../uploads-table.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  wait: { type: 'boolean', short: 'w', help: 'wait for the verdict; the exit code then tells it' },
} as const satisfies Options;

export const status: Command = {
  name: 'status',
  summary: 'tell where uploads stand, and why',
  usage: '<id>... [options]',
  details:
    'Of one upload it tells all that is known; several are listed, a line each. Without --wait the exit code is 0 for\n' +
    'any state. With --json a line per upload: the upload, or {"id", "error"} of one of several that could not be read.',
  options: OPTIONS,
  examples: [
    ['sluice status 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11', 'tells all that is known of one upload'],
    ['sluice status 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11 --wait && echo good', 'goes on when it is accepted'],
    ['sluice status $(cat ids) --wait', 'waits until the last of many has its verdict'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const ids = requireIds(positionals);
    const target = await findTarget(values, world);
    const [only, ...more] = ids;
    if (only === undefined || more.length > 0) return tellOfMany(world, target, ids, values);
    const client = createClient({ ...target, timing: world.timing });
    const { signal } = world;
    const upload = await (values.wait ? client.wait(only, { signal }) : client.status(only, { signal }));
    if (values.json) printJson(world.stdout, upload);
    else {
      const facts: [string, string | undefined][] = [
        ['id', upload.id],
        ['state', upload.state],
        ['reason', upload.reason],
        ['detail', upload.detail],
        ['threats', upload.threats?.join(', ')],
        ...Object.entries(upload.scans ?? {}).map(([scanner, outcome]): [string, string] => [
          `scanned by ${scanner}`,
          outcome,
        ]),
        ...Object.entries(upload.inspection ?? {}).map(([fact, value]): [string, string] => [
          `inside: ${fact}`,
          [value].flat().join(', '),
        ]),
        ['file', upload.filename],
        ['size', toExactSize(upload.size)],
        ['declared type', upload.contentType],
        ['type of the bytes', upload.detectedType],
        ['served as', upload.servedType],
        ['downloaded as', upload.servedName === upload.filename ? undefined : upload.servedName],
        ['policy', upload.policy],
        ['readers', upload.readers],
        ['address', addressOf(target.endpoint, upload)],
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
    return toExit(upload, values);
  },
};

type Values = { readonly wait?: boolean | undefined; readonly json?: boolean | undefined };

function toExit({ state }: Upload, { wait }: Values): ExitCode {
  return !wait || state === 'accepted' ? EXIT.ok : EXIT.rejected;
}

async function tellOfMany(
  world: World,
  target: Target,
  ids: readonly string[],
  values: Values,
): Promise<ExitCode> {
  const { signal } = world;
  const uploads: Upload[] = [];
  const codes: ExitCode[] = [];
  const looks = eachId(target, world, ids, (client, id) =>
    values.wait ? client.wait(id, { signal }) : client.status(id, { signal }),
  );
  for await (const outcome of looks) {
    if ('error' in outcome) {
      const { id, error, exit } = outcome;
      if (values.json) printJson(world.stdout, { id, error });
      else printLine(world.stderr, describeFailure(world, id, error));
      codes.push(exit);
    } else {
      if (values.json) printJson(world.stdout, outcome.value);
      uploads.push(outcome.value);
      codes.push(toExit(outcome.value, values));
    }
  }
  if (!values.json && uploads.length > 0) printTable(world, uploads);
  return worst(codes);
}
