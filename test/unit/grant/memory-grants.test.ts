import { grantsContract } from '../../contract/grants.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

grantsContract('the grants in memory', async () => {
  const grants = createMemoryGrants();
  return { grants, ledger: createMemoryLedger(grants) };
});
