import type { Command } from '../command.ts';
import { eachId } from '../each-id.ts';
import { EXIT, type ExitCode, worst } from '../exit.ts';
import { requireIds } from '../id.ts';
import { parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { describeFailure } from '../result.ts';
import { findTarget } from '../target.ts';

export const deleteUploads: Command = {
  name: 'delete',
  summary: 'delete accepted uploads, or give up ones that have not arrived',
  usage: '<id>... [options]',
  details:
    'The file is gone for good. Deleting what is deleted, aborted or expired already changes nothing.\n' +
    'With --json a line per upload: {"id", "deleted": true} or {"id", "deleted": false, "error"}.',
  options: {},
  examples: [
    ['sluice delete 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11', 'deletes one'],
    [
      'sluice list -s accepted --all --json | jq -r ".uploads[].id" | xargs sluice delete',
      'deletes all that you have',
    ],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, {});
    const ids = requireIds(positionals);
    const target = await findTarget(values, world);
    const codes: ExitCode[] = [];
    const deletions = eachId(target, world, ids, (client, id) => client.delete(id, { signal: world.signal }));
    for await (const outcome of deletions) {
      const { id } = outcome;
      if ('error' in outcome) {
        const { error, exit } = outcome;
        if (values.json) printJson(world.stdout, { id, deleted: false, error });
        else printLine(world.stderr, describeFailure(world, id, error));
        codes.push(exit);
      } else if (values.json) printJson(world.stdout, { id, deleted: true });
      else printLine(world.stdout, `${id}  deleted`);
    }
    return codes.length === 0 ? EXIT.ok : worst(codes);
  },
};
