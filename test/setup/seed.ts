// Every property runs with one seed, so that a run of the suite says the same as the one before: what is red
// is red for a change. `npm run fuzz:histories` explores beyond it, and prints the seed of what it finds.
import fc from 'fast-check';

const { SLUICE_SEED = '20261126' } = process.env;
if (SLUICE_SEED !== 'random') fc.configureGlobal({ seed: Number(SLUICE_SEED) });
