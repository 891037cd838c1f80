// Verifies one arrival in a process of its own, with the code and the clients that the deployed function has.
import { randomUUID } from 'node:crypto';
import { wire } from '../../src/lib/entry.ts';
import { type Environment, ownEnvironment } from '../../src/lib/settings.ts';
import { type VerifyDeps, verify } from '../../src/lib/upload/verify.ts';
import { ledger } from '../../src/lib/wiring/ledger.ts';
import { objectsIn } from '../../src/lib/wiring/stores.ts';
import { policies } from '../../src/policies.ts';

const deps = wire<VerifyDeps & { key: string }>(
  {
    key: (environment: Environment) => environment.text('KEY'),
    ledger,
    objects: objectsIn('incoming', 'store', 'quarantine'),
    policies: () => policies,
    now: () => Date.now,
    newId: () => randomUUID,
    rowRetentionInSeconds: () => 86_400,
    announce: () => async () => {},
  },
  ownEnvironment(),
);

/** What bench/child.cjs calls and reports, with the most memory that the process ever held. */
export async function run(): Promise<number> {
  const outcome = await verify(deps, { key: deps.key }, 600_000, AbortSignal.timeout(600_000));
  return outcome.kind === 'accepted' ? 1 : 0;
}
