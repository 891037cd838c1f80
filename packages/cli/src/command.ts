import type { ExitCode } from './exit.ts';
import type { Options } from './options.ts';
import type { World } from './world.ts';

/** One word after `sluice`, and all that --help tells of it. */
export type Command = {
  readonly name: string;
  /** one line, in the list of commands */
  readonly summary: string;
  /** what follows the name on the command line */
  readonly usage: string;
  /** more to know, in whole sentences */
  readonly details?: string;
  readonly options: Options;
  /** what it shares with its family instead of the options of the API, which it does not talk to */
  readonly shared?: Options;
  readonly examples: readonly (readonly [line: string, effect: string])[];
  /**
   * Does it. Throws UsageError, Complaint, or an error of the client or of the connection layer. Imports the
   * SDK only now: it takes a third of a second to load, and the commands that do without it do not wait for
   * it.
   */
  readonly run: (argv: readonly string[], world: World) => Promise<ExitCode>;
};
