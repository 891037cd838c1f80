// npm run proof:webhooks [-- uploads [seed]]: see exactly-once.ts.
import { stopGroups } from '../../local/group.ts';
import { proveExactlyOnce } from './exactly-once.ts';

const [uploads = 1_000, seed = Math.floor(Math.random() * 2 ** 32)] = process.argv.slice(2).map(Number);

// What was started is a group of its own, and would outlive this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    await stopGroups();
    process.exit(1);
  });
}

console.log(`${uploads} uploads, seed ${seed}`);
try {
  const rounds = await proveExactlyOnce({
    uploads,
    sent: Math.ceil(uploads / 20),
    seed,
    downMs: 15_000,
    canPause: true,
    patienceMs: 30 * 60_000,
    say: console.log,
  });
  const isProven = rounds.every(
    ({ rows, missing, unknown }) => rows === uploads && missing.length === 0 && unknown.length === 0,
  );
  console.log(isProven ? 'Each upload is one row.' : 'FAILED: rows are missing, or too many.');
  process.exitCode = isProven ? 0 : 1;
} finally {
  await stopGroups();
}
process.exit();
