import type { Readable, Writable } from 'node:stream';
import type { Timing } from '@sluice/client/timing';

/** Something to write to: a terminal, a file, a pipe. */
export type Screen = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** Everything outside the program that a command may touch, apart from files and the network. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** the folder that the command was called in */
  readonly folder: string;
  /** the folder of the user's own settings */
  readonly settingsFolder: string;
  /** the folder of what is to outlive a run, and is of no use elsewhere */
  readonly stateFolder: string;
  readonly stdout: Screen;
  readonly stderr: Screen;
  /**
   * Asks the person at the terminal; undefined when there is none. What is secret is not shown while typed.
   */
  readonly ask: ((question: string, options?: { readonly secret?: boolean }) => Promise<string>) | undefined;
  /** all of standard input, as text */
  readonly readStdin: () => Promise<string>;
  /** standard input and output as bytes, for a file that goes through a pipe */
  readonly openStdin: () => Readable;
  readonly openStdout: () => Writable;
  readonly timing: Timing;
  /** aborts when the person presses Ctrl-C, or the process is asked to end */
  readonly signal: AbortSignal;
};
