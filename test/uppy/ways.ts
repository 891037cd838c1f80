import { inject } from 'vitest';
import { apiOf } from '../e2e/api.ts';
import type { Made, Outcome, Setting } from './driver.ts';
import type { Major, Stage, Visit } from './stage.ts';

/** How a page may upload through Sluice with Uppy. */
export const WAYS: readonly (readonly [string, Major, 'session' | 'bearer'])[] = [
  ['Uppy 6 with a session in its path', 6, 'session'],
  ['Uppy 6 with signRequest', 6, 'bearer'],
  ['Uppy 5 with a bearer header', 5, 'bearer'],
  ['Uppy 5 with a session in its path', 5, 'session'],
];

/** Alice, who is signed in, and pages on which she uploads. */
export function uppySetup(stage: Stage) {
  const stack = inject('stack');
  const alice = apiOf(stack.alice);
  /** The address of an upload session of Alice's, for Uppy. */
  const session = async (limits: object = {}): Promise<string> => {
    const response = await alice.call('POST', '/uppy-sessions', limits);
    const { companionUrl } = (await response.json()) as { companionUrl: string };
    return companionUrl;
  };
  return {
    stack,
    alice,
    session,
    visit: async (major: Major, by: 'session' | 'bearer', setting: Omit<Setting, 'base'> = {}) =>
      stage.visit(
        major,
        by === 'session'
          ? { ...setting, base: await session() }
          : { ...setting, base: stack.apiUrl, bearer: stack.alice.idToken },
      ),
    /** The verdicts on what Uppy says it has sent, by file name. */
    verdicts: async (outcomes: readonly Outcome[]) =>
      Object.fromEntries(
        await Promise.all(
          outcomes.map(async ({ name, key = '/' }) => [name, await alice.settled(idOf(key))] as const),
        ),
      ),
  };
}

/** The id of an upload, from the key that Uppy knows it by. */
export function idOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

export function add({ page }: Visit, ...files: readonly Made[]) {
  return page.evaluate((given) => driver.add(given), files);
}

export function upload({ page }: Visit) {
  return page.evaluate(() => driver.upload());
}

export function outcomes({ page }: Visit) {
  return page.evaluate(() => driver.outcomes());
}

export function partsSent({ page }: Visit) {
  return page.evaluate(() => driver.parts());
}

/** Waits until Uppy has said what came of a file. */
export function untilDone({ page }: Visit) {
  return page.waitForFunction(() => driver.outcomes().length > 0);
}
