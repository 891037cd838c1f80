/**
 * How many random histories a property runs through: so many in the suite, where a fixed seed makes them the
 * same every time (test/setup/seed.ts), and SLUICE_HISTORIES of them where somebody explores.
 */
export function histories(inTheSuite: number): number {
  return Number(process.env.SLUICE_HISTORIES ?? inTheSuite);
}
