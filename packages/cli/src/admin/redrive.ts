import { ADMIN_QUEUES } from '@sluice/contract/admin';
import { UsageError } from '../complaint.ts';
import type { ExitCode } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { doWork } from './work.ts';

export const REDRIVE_OPTIONS = {
  cause: {
    type: 'string',
    value: 'names',
    help: 'redrive: only these causes, with commas between; all but those that would fail again when absent',
  },
} as const satisfies Options;

/** Sends the dead letters of a queue again, and sets poison aside. */
export async function redriveQueue(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...WORK_OPTIONS,
    ...REDRIVE_OPTIONS,
  });
  const [name, ...more] = positionals;
  const queue = ADMIN_QUEUES.find((known) => known === name);
  if (queue === undefined || more.length > 0) {
    throw new UsageError(`Which queue? \`redrive\` is followed by one of ${ADMIN_QUEUES.join(', ')}.`);
  }
  const causes = values.cause?.split(',').filter((cause) => cause !== '');
  const request = { command: 'redrive', queue, ...(causes && { causes }) } as const;
  return doWork({ name: `redrive ${queue}`, request }, values, world);
}
