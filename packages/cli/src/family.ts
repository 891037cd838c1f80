import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { UsageError } from './complaint.ts';
import { GLOBAL_OPTIONS, type Options } from './options.ts';

/** Commands under one name, by the word that follows it. */
export type Family = Readonly<Record<string, Command['run']>>;

/**
 * Runs the command of a family that the first word names, with the other arguments.
 * @param options those of the whole family, so that the word is found wherever it stands
 */
export function runOf(name: string, family: Family, options: Options): Command['run'] {
  return async (argv, world) => {
    const { tokens } = parseArgs({
      args: [...argv],
      options: { ...GLOBAL_OPTIONS, ...options },
      strict: false,
      tokens: true,
    });
    const word = tokens.find((token) => token.kind === 'positional');
    const run = word !== undefined && Object.hasOwn(family, word.value) ? family[word.value] : undefined;
    if (word === undefined || run === undefined) {
      throw new UsageError(`\`${name}\` is followed by one of ${Object.keys(family).join(', ')}.`);
    }
    return await run(argv.toSpliced(word.index, 1), world);
  };
}
