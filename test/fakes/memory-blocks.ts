import type { Blocked, BlockList, Blocks } from '../../src/lib/grant/blocks.ts';

/** Blocked owners and tenants in memory. */
export function createMemoryBlocks(): Blocks & BlockList {
  const blocked = new Set<string>();
  const idOf = ({ tenant, subject }: Blocked) => JSON.stringify([tenant, subject]);
  return {
    has: async ({ tenant, subject }) =>
      [{ tenant }, { tenant, subject }].some((one) => blocked.has(idOf(one))),
    holds: async (whose) => blocked.has(idOf(whose)),
    async add(whose) {
      blocked.add(idOf(whose));
    },
    async remove(whose) {
      blocked.delete(idOf(whose));
    },
  };
}
