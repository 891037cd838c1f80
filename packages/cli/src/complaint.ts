/** The command line is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot be done for a reason that the person can mend; `hint` says how. Exit code 3. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Something failed for the reason in `cause`, and what was done of it is kept; `hint` says how to go on. */
export class KeptError extends Error {
  override readonly name = 'KeptError';
  readonly hint: string;

  constructor(cause: Error, hint: string) {
    super(cause.message, { cause });
    this.hint = hint;
  }
}
