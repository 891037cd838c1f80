import { parseArgs } from 'node:util';
import { Obstacle } from '../../local/obstacle.ts';
import type { Drill } from './drill.ts';

export const usage = `npm run drills [-- name … --json]

Makes troubles on a local stack of its own, ends each by the commands of docs/runbook.md, and looks whether it
is over. Without names, all of them.

  --list   the drills, and change nothing
  --json   a line of JSON for each drill on standard output; what is done is told on standard error
  --help   this text
`;

export type Wish = {
  readonly drills: readonly Drill[];
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
};

/** Reads the command line. Throws an Obstacle that names what it does not know. */
export function parseWish(argv: readonly string[], all: readonly Drill[]): Wish {
  const { values, positionals } = parse(argv);
  const unknown = positionals.find((name) => !all.some((drill) => drill.name === name));
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name).join(', ');
    throw new Obstacle(`There is no drill "${unknown}". There are ${names}.`);
  }
  const drills = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { drills, ...values };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        list: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new Obstacle(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}
