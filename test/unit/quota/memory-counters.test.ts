import { countersAtOnceContract, countersContract } from '../../contract/counters.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

async function create() {
  const grants = createMemoryGrants();
  return { grants, counters: grants.counters, ledger: createMemoryLedger(grants) };
}

countersContract('the counters in memory', create);
countersAtOnceContract('the counters in memory', create);
