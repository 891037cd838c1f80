import { parseAlone } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { OWNER_OPTIONS, requireOwner } from './owner.ts';
import { doWork } from './work.ts';

/** Takes nothing new from an owner or a tenant, or does again. */
export function setBlock(command: 'block' | 'unblock') {
  return async (argv: readonly string[], world: World): Promise<ExitCode> => {
    const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...WORK_OPTIONS, ...OWNER_OPTIONS });
    return doWork({ name: command, request: { command, ...requireOwner(values) } }, values, world);
  };
}
