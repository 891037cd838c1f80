import { choosePassword, type Pool, signIn } from '../cognito.ts';
import type { Command } from '../command.ts';
import { Complaint, UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import { readPool } from '../pool.ts';
import { printJson, printLine } from '../print.ts';
import { findPlace } from '../target.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  email: { type: 'string', short: 'e', value: 'address', help: 'who you are; asked for when absent' },
  'password-stdin': { type: 'boolean', help: 'read the password from standard input' },
} as const satisfies Options;

export const login: Command = {
  name: 'login',
  summary: "log in to a deployment's own user pool, and stay logged in",
  usage: '[options]',
  details:
    'The login is kept in a file that only you can read, and is renewed as long as the pool allows. A deployment with an\n' +
    'issuer of its own takes its tokens by --token or SLUICE_TOKEN instead. The local stack needs no login.',
  options: OPTIONS,
  examples: [
    [
      'sluice login --endpoint https://abc123.execute-api.eu-central-1.amazonaws.com',
      'asks for email and password',
    ],
    [
      'pass show sluice | sluice login --email me@example.com --password-stdin',
      'takes the password from a program',
    ],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    if (positionals.length > 0) throw new UsageError('`login` takes no name; --email names the person.');
    const place = await findPlace(values, world);
    const pool = await readPool(place.endpoint);
    const email = values.email ?? (await ask(world, 'Email: ', { secret: false }));
    const password = values['password-stdin']
      ? (await world.readStdin()).replace(/\r?\n$/, '')
      : await ask(world, 'Password: ', { secret: true });
    const answer = await signIn(pool, { email, password }, world.timing.now);
    const tokens = 'session' in answer ? await beginAnew(world, pool, answer) : answer;
    await place.sessions.write(place.endpoint, { ...tokens, pool });
    if (values.json) printJson(world.stdout, { endpoint: place.endpoint, email });
    else printLine(world.stdout, `You are logged in to ${place.endpoint} as ${email}.`);
    return EXIT.ok;
  },
};

async function beginAnew(
  world: World,
  pool: Pool,
  challenge: { readonly session: string; readonly email: string },
) {
  printLine(world.stderr, 'This is your first login: choose a password of your own.');
  const password = await ask(world, 'New password: ', { secret: true });
  if ((await ask(world, 'Once more: ', { secret: true })) !== password) {
    throw new Complaint('The two passwords differ.', 'Log in again to choose one.');
  }
  return choosePassword(pool, challenge, password, world.timing.now);
}

async function ask(world: World, question: string, options: { readonly secret: boolean }): Promise<string> {
  if (world.ask !== undefined) return world.ask(question, options);
  throw new UsageError('There is no terminal to ask at: use --email and --password-stdin.');
}
