import type { AdminCall, AdminPage, ShownUpload } from '@sluice/contract/admin';
import { type AnnounceDeps, announceIds, announceStuck } from './announce.ts';
import { type ShowDeps, showUpload } from './show.ts';
import { walk } from './walk.ts';

export type AdminDeps = AnnounceDeps & ShowDeps;

/**
 * Does one page of what an operator asks for. Every step may be repeated: whoever was stopped begins again
 * at the cursor that they have, or at the beginning.
 * @param hasTime whether there is time for one more step
 * @throws BadCall
 */
export async function administer(
  deps: AdminDeps,
  call: AdminCall,
  hasTime: () => boolean,
): Promise<AdminPage | ShownUpload> {
  const { dryRun = false, cursor } = call;
  switch (call.command) {
    case 'show':
      return showUpload(deps, call.id, call.key);
    case 'announce':
      return walk(
        call.ids === undefined
          ? announceStuck(deps, call.stuckForSeconds * 1000, dryRun)
          : announceIds(deps, call.ids, dryRun),
        cursor,
        hasTime,
      );
  }
}
