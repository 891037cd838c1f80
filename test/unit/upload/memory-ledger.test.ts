import { ledgerContract } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

ledgerContract('the ledger in memory', async () => createMemoryLedger());
