import { createApi } from '@sluice/client/api';
import { EVENT_TYPES } from '@sluice/contract/event';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import type { ExitCode } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import { findServiceTarget, findTarget } from '../target.ts';
import { printable } from '../text.ts';
import { attempts, redeliver, sendTest } from '../webhooks/deliveries.ts';
import { add, enable, list, remove, rotate } from '../webhooks/endpoints.ts';
import type { Job } from '../webhooks/job.ts';

const OPTIONS = {
  type: {
    type: 'string',
    multiple: true,
    value: 'type',
    help: `of \`add\`: only these events, of ${EVENT_TYPES.join(', ')}; all when absent`,
  },
  signature: {
    type: 'string',
    multiple: true,
    value: 'kind',
    help: 'of `add`: only v1 (HMAC) or v1a (ed25519); both when absent',
  },
  failed: { type: 'boolean', help: 'of `attempts` and `redeliver`: what was given up, all of it' },
} as const satisfies Options;

const JOBS: Readonly<Record<string, (job: Job) => Promise<ExitCode>>> = {
  add,
  list,
  remove,
  enable,
  test: sendTest,
  rotate,
  attempts,
  redeliver,
};

export const webhooks: Command = {
  name: 'webhooks',
  summary: 'manage the addresses that are told of events, as a service',
  usage: '<add|list|remove|enable|test|rotate|attempts|redeliver> [id] [event] [options]',
  details:
    '`add <url>` shows the secret once; `rotate <id>` makes another, and the old one stays good for a day.\n' +
    '`attempts <id>` tells what became of each event, `redeliver <id> <event>` sends one again.\n' +
    'The service is that of SLUICE_CLIENT_ID, or the one that the local stack has; it needs the scope webhooks.',
  options: OPTIONS,
  examples: [
    ['sluice webhooks add https://app.example.com/hooks/sluice', 'adds an address, and shows its secret'],
    ['sluice webhooks test <id>', 'sends a message, and tells what was answered'],
    ['sluice webhooks attempts <id> --failed', 'lists what was given up'],
    ['sluice webhooks redeliver <id> --failed', 'sends all of that again'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const [word = '', ...words] = positionals;
    const job = Object.hasOwn(JOBS, word) ? JOBS[word] : undefined;
    if (job === undefined) {
      throw new UsageError(
        word === ''
          ? `What about webhooks? One of ${Object.keys(JOBS).join(', ')}.`
          : `There is no \`webhooks ${printable(word)}\`.`,
      );
    }
    const hasToken = values.token !== undefined || Boolean(world.env.SLUICE_TOKEN);
    const target = await (hasToken ? findTarget(values, world) : findServiceTarget(values, world));
    return job({ world, api: createApi({ ...target, timing: world.timing }), words, values });
  },
};
