import { createCognito, type SignInAnswer, type Tokens } from '@sluice/client/cognito';
import type { Command } from '../command.ts';
import { Complaint, UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { toLogin } from '../logins.ts';
import { type Options, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findPlace } from '../target.ts';
import { readUserPool } from '../user-pool.ts';
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
    const pool = await readUserPool(place.endpoint);
    const email = values.email ?? (await ask(world, 'Email: ', { secret: false }));
    const password = values['password-stdin']
      ? (await world.readStdin()).replace(/\r?\n$/, '')
      : await ask(world, 'Password: ', { secret: true });
    const tokens = await toTokens(world, await createCognito(pool).signIn(email, password));
    await place.logins.write(place.endpoint, toLogin(pool, tokens, world.timing.now()));
    if (values.json) printJson(world.stdout, { endpoint: place.endpoint, email });
    else printLine(world.stdout, `You are logged in to ${place.endpoint} as ${email}.`);
    return EXIT.ok;
  },
};

/** Asks on until the pool gives tokens. */
async function toTokens(world: World, answer: SignInAnswer): Promise<Tokens> {
  if (answer.kind === 'tokens') return answer.tokens;
  if (answer.kind === 'further-step') {
    throw new Complaint(
      `The login needs a further step (${answer.challenge}) that this tool does not know.`,
      'Log in elsewhere, and pass the token with --token or SLUICE_TOKEN.',
    );
  }
  printLine(world.stderr, 'This is your first login: choose a password of your own.');
  const password = await ask(world, 'New password: ', { secret: true });
  if ((await ask(world, 'Once more: ', { secret: true })) !== password) {
    throw new Complaint('The two passwords differ.', 'Log in again to choose one.');
  }
  return toTokens(world, await answer.setPassword(password));
}

async function ask(world: World, question: string, options: { readonly secret: boolean }): Promise<string> {
  if (world.ask !== undefined) return world.ask(question, options);
  throw new UsageError('There is no terminal to ask at: use --email and --password-stdin.');
}
