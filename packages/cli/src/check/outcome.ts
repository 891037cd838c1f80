import { ProblemError } from '@sluice/client/errors';

/** A promise that was not kept: a sentence about what happened instead. */
export class Broken extends Error {}

/** What a promise builds on was not kept. */
export class Skipped extends Error {}

/** A promise that cannot be tried here, or not by this caller: why not. */
export class Untried extends Error {}

/** Resolves when the call is refused by this code. Throws Broken when it is answered. */
export async function refused(
  call: Promise<unknown>,
  code: string,
  what = 'an address to download was given',
): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (isProblem(error, code)) return;
    throw error;
  }
  throw new Broken(`${what}, in place of ${code}`);
}

/** True for the refusal of this code. */
export function isProblem(error: unknown, code: string): boolean {
  return error instanceof ProblemError && error.problem.code === code;
}
