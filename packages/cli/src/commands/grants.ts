import { createGrants, type Grant, type GrantWish } from '@sluice/client/grants';
import { toExactSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { type Options, parse, parseCount } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';
import { printable, toColumns } from '../text.ts';
import { toMetadata } from '../upload-options.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  owner: { type: 'string', short: 'o', value: 'subject', help: 'whose the uploads are to be; for a service' },
  tenant: { type: 'string', value: 'tenant', help: "the owner's tenant; for a service" },
  policy: { type: 'string', short: 'p', value: 'name', help: 'the only policy' },
  type: {
    type: 'string',
    short: 't',
    multiple: true,
    value: 'type',
    help: 'a content type; repeat for more',
  },
  'max-bytes': { type: 'string', value: 'bytes', help: 'the limit for each file' },
  uploads: { type: 'string', short: 'n', value: 'count', help: 'how many files in all' },
  bytes: { type: 'string', value: 'bytes', help: 'how many bytes in all' },
  metadata: {
    type: 'string',
    short: 'm',
    multiple: true,
    value: 'key=value',
    help: 'a text to keep with every upload; repeat for more',
  },
  reference: { type: 'string', short: 'r', value: 'id', help: 'your own id of what the files are for' },
  'expires-in': {
    type: 'string',
    value: 'seconds',
    help: 'how long it lasts, 60 to 86400; an hour when absent',
  },
} as const satisfies Options;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

export const grants: Command = {
  name: 'grants',
  summary: 'let somebody upload who has no login: make, show and revoke grants',
  usage: 'create [options] | show <id> | revoke <id>',
  details:
    'A service says by --tenant and --owner whose the uploads are to be; a person makes grants for themself. `create`\n' +
    'writes the token to standard output, and all else to standard error. Whoever has the token can upload until the\n' +
    'grant ends, is used up or revoked. The options are those of `create`.',
  options: OPTIONS,
  examples: [
    ['sluice grants create --uploads 1 --policy images', 'writes a token that one picture can be sent with'],
    ['sluice grants create --tenant acme --owner ada -r order-7', 'makes one as a service, for ada'],
    ['sluice grants show 0f8fad5b-d9cb-469f-a165-70867728950e', 'tells what is left'],
    ['sluice grants revoke 0f8fad5b-d9cb-469f-a165-70867728950e', 'ends it at once'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const [verb, ...ids] = positionals;
    const open = async () => createGrants({ ...(await findTarget(values, world)), timing: world.timing });
    const { signal } = world;
    switch (verb) {
      case 'create': {
        if (ids.length > 0) throw new UsageError('`grants create` takes no id.');
        const { token, ...grant } = await (await open()).create(toWish(values), { signal });
        if (values.json) printJson(world.stdout, { ...grant, token });
        else {
          printLine(world.stdout, token);
          printGrant(world.stderr, grant);
        }
        return EXIT.ok;
      }
      case 'show': {
        const grant = await (await open()).read(requireGrantId(ids), { signal });
        if (values.json) printJson(world.stdout, grant);
        else printGrant(world.stdout, grant);
        return EXIT.ok;
      }
      case 'revoke': {
        const id = requireGrantId(ids);
        await (await open()).revoke(id, { signal });
        if (values.json) printJson(world.stdout, { id, outcome: 'revoked' });
        else printLine(world.stdout, `${printable(id)}  revoked`);
        return EXIT.ok;
      }
      default:
        throw new UsageError('What of grants: create, show or revoke?');
    }
  },
};

function toWish(values: Values): GrantWish {
  const { owner, tenant, policy, type, uploads, bytes, reference } = values;
  if ((owner === undefined) !== (tenant === undefined)) {
    throw new UsageError('--owner and --tenant go together.');
  }
  const metadata = toMetadata(values.metadata);
  const maxBytes = toBytes('max-bytes', values['max-bytes']);
  const inAll = toBytes('bytes', bytes);
  return {
    ...(owner !== undefined && tenant !== undefined && { owner: { tenant, subject: owner } }),
    ...(policy !== undefined && { policy }),
    ...(type !== undefined && { types: type }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(uploads !== undefined && { uploads: parseCount('uploads', uploads, [1, 999_999_999]) }),
    ...(inAll !== undefined && { bytes: inAll }),
    ...(metadata !== undefined && { metadata }),
    ...(reference !== undefined && { reference }),
    ...(values['expires-in'] !== undefined && {
      expiresInSeconds: parseCount('expires-in', values['expires-in'], [60, 86_400]),
    }),
  };
}

function toBytes(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new UsageError(`--${name} must be a whole number of bytes, one or more.`);
}

function requireGrantId([id, ...more]: readonly string[]): string {
  if (id === undefined || more.length > 0) throw new UsageError('One grant at a time, please, by its id.');
  if (!/^[\w-]{1,128}$/.test(id)) throw new UsageError(`"${printable(id)}" is not the id of a grant.`);
  return id;
}

function printGrant(stream: World['stdout'], grant: Grant): void {
  const { left, taken } = grant;
  const of = (
    whole: string | number | undefined,
    rest: string | number | undefined,
    used: string | number,
  ) => (whole === undefined ? `${used} taken, no limit` : `${rest} left of ${whole}`);
  const facts: [string, string | undefined][] = [
    ['id', grant.id],
    ['for', `${grant.owner.subject} of ${grant.owner.tenant}`],
    ['policy', grant.policy],
    ['types', grant.types?.join(', ')],
    ['each file', grant.maxBytes === undefined ? undefined : `up to ${toExactSize(grant.maxBytes)}`],
    ['files', of(grant.uploads, left.uploads, taken.uploads)],
    ['bytes', of(grant.bytes && toExactSize(grant.bytes), toExactSize(left.bytes), toExactSize(taken.bytes))],
    ['reference', grant.reference],
    ...Object.entries(grant.metadata).map(([key, value]): [string, string] => [`metadata ${key}`, value]),
    ['ends', grant.expiresAt],
    ['revoked', grant.revokedAt],
  ];
  const known = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [[printable(name), printable(value)]],
  );
  for (const line of toColumns(known)) printLine(stream, line);
}
