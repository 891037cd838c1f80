import type { Blocked, BlockList } from '../grant/blocks.ts';
import { createTally } from './tally.ts';
import type { Step } from './walk.ts';

export type BlockDeps = { readonly blockList: BlockList; readonly now: () => number };

/**
 * Blocks an owner or everybody of a tenant, or ends that: from now on nothing new is requested, granted or
 * begun for them. What was signed before still arrives, and what is there can be read.
 */
export function setBlock(deps: BlockDeps, whose: Blocked, isBlocked: boolean, dryRun: boolean): Step {
  return async () => {
    const tally = createTally();
    const id = whose.subject ?? whose.tenant;
    if ((await deps.blockList.holds(whose)) === isBlocked) {
      tally.note('unchanged', { id, detail: isBlocked ? 'It was blocked before.' : 'It was not blocked.' });
      return tally.page();
    }
    if (!dryRun) {
      if (isBlocked) await deps.blockList.add(whose, deps.now());
      else await deps.blockList.remove(whose);
    }
    tally.note(isBlocked ? 'blocked' : 'unblocked', { id });
    return tally.page();
  };
}
