import { grantsAtOnceContract, grantsContract } from '../../contract/grants.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

async function create() {
  const grants = createMemoryGrants();
  return { grants, ledger: createMemoryLedger(grants) };
}

grantsContract('the grants in memory', create);
grantsAtOnceContract('the grants in memory', create);
