/** What the exit code of `sluice` says. Scripts rely on these; `sluice --help` explains them. */
export const EXIT = { ok: 0, rejected: 1, usage: 2, failed: 3, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of several outcomes, the one that a script must hear of. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((sofar, code) => (code > sofar ? code : sofar), EXIT.ok);
}
