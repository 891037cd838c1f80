// What the commands on a stage have in common: npm run migrate, restore-table, rotate-key, remove and
// key-policy.
import { argv, exit } from 'node:process';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** Ends the command: it could not do what was asked. */
export function complain(text: string): never {
  console.error(text);
  exit(1);
}

const COMMON = { stage: { type: 'string' }, help: { type: 'boolean' } } as const;

/**
 * The options that were given, `stage` among them, which every command needs. Ends the command by its usage,
 * with what is wrong, where they are not its own.
 */
export function readOptions<const Options extends ParseArgsOptionsConfig>(usage: string, options: Options) {
  const parse = () => {
    try {
      return parseArgs({ args: argv.slice(2), options: { ...COMMON, ...options } }).values;
    } catch (error) {
      return complain(`${(error as Error).message}\nUsage: ${usage}`);
    }
  };
  const values = parse();
  const { stage, help } = values as { readonly stage?: string; readonly help?: boolean };
  if (help) {
    console.log(`Usage: ${usage}`);
    exit(0);
  }
  if (!stage) complain(`Usage: ${usage}`);
  return { ...values, stage };
}
