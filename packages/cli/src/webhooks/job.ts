import type { Api } from '@sluice/client/api';
import { UsageError } from '../complaint.ts';
import type { World } from '../world.ts';

/** What a subcommand of `webhooks` works with. */
export type Job = {
  readonly world: World;
  readonly api: Api;
  readonly words: readonly string[];
  readonly values: {
    readonly json?: boolean | undefined;
    readonly type?: readonly string[] | undefined;
    readonly signature?: readonly string[] | undefined;
    readonly failed?: boolean | undefined;
  };
};

/** The words that a job takes, all of them. */
export function take(words: readonly string[], count: number, hint: string): readonly [string, ...string[]] {
  const [first = '', ...rest] = words;
  if (words.length !== count) throw new UsageError(hint);
  return [first, ...rest];
}
