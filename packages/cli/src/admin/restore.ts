import { UsageError } from '../complaint.ts';
import { parseAlone } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { doWork } from './work.ts';

export const RESTORE_OPTIONS = {
  table: {
    type: 'string',
    value: 'name',
    help: 'restore: the table that the backup was restored into; its name begins with <stack>-restored',
  },
} as const satisfies Options;

/** Brings back rows that the ledger has lost. */
export async function restore(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...WORK_OPTIONS, ...RESTORE_OPTIONS });
  const { table } = values;
  if (table === undefined || !/^[\w.-]{3,255}$/.test(table)) {
    throw new UsageError('`restore` needs --table: the name of the table that the backup was restored into.');
  }
  return doWork({ name: `restore --table ${table}`, request: { command: 'restore', table } }, values, world);
}
