import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Scanner } from '@sluice/contract/scan';
import { Obstacle } from './obstacle.ts';

/** Whose tokens the API takes, where it is not the stack's own user pool. */
export type Issuer = {
  readonly url: string;
  readonly audience: string;
  /** of the tokens of services; without it there are none */
  readonly serviceAudience?: string;
};

/** The scanners that every policy can be given for one start. */
const SCANS = ['clamav', 'inspection', 'function'] as const satisfies readonly Scanner[];

export type Options = {
  readonly port: number;
  readonly fresh: boolean;
  readonly verbose: boolean;
  /** another issuer than the stack's own user pool */
  readonly issuer: Issuer | undefined;
  /** the whole path of another file than src/policies.ts */
  readonly policies: string | undefined;
  /** an address that is told of every event */
  readonly webhook: string | undefined;
  /** scanners that every policy demands, for this start */
  readonly scan: readonly (typeof SCANS)[number][];
  readonly help: boolean;
};

export const usage = `Usage: npm start -- [options]

Runs Sluice whole on this machine: a local AWS, the same deployment that goes to AWS, a demo user.

  --port N     the port of the local AWS (default 4566)
  --fresh      forget uploads, users and everything else, and begin anew
  --verbose    show what every function logs, not only warnings and errors
  --help       this text

Parameters of the deployment, as stages/<stage>.yml has them in AWS. They hold for this start alone.

  --issuer URL      take the tokens of this OpenID Connect issuer (jwtIssuer); no demo user is made
  --audience NAME   the audience that its tokens have (jwtAudience); needed with --issuer
  --service-audience NAME   the audience of the tokens of backends (serviceAudience)
  --policies FILE   what may be uploaded, in place of src/policies.ts
  --webhook URL     tell this address of every event (webhookUrl); its secret is printed
  --scan NAMES      have every policy demand these scanners: clamav, inspection, function. ClamAV’s clamd
                    is started, with a signature of its test file EICAR alone; it has to be installed.
                    The function is the one named scanner, as examples/scanner puts it into the local AWS

Ctrl-C stops everything that was started. Files and logs are in .sluice/.
`;

/**
 * Reads the command line of `npm start`. Throws an Obstacle that names the option it does not understand.
 * @param folder where the person stands, which a file's path is relative to
 */
export function parseOptions(argv: readonly string[], folder: string): Options {
  const values = parse(argv);
  return {
    port: parsePort(values.port),
    fresh: values.fresh,
    verbose: values.verbose,
    issuer: parseIssuer(values.issuer, values.audience, values['service-audience']),
    policies: values.policies === undefined ? undefined : resolve(folder, values.policies),
    webhook: parseWebhook(values.webhook),
    scan: parseScan(values.scan),
    help: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', default: '4566' },
        fresh: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        issuer: { type: 'string' },
        audience: { type: 'string' },
        'service-audience': { type: 'string' },
        policies: { type: 'string' },
        webhook: { type: 'string' },
        scan: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('. ');
    // npm keeps options for itself unless `--` comes before them, and passes on their values alone.
    const hint = reason?.startsWith('Unexpected argument')
      ? ' Options come after --, as in: npm start -- --port 4711'
      : '';
    throw new Obstacle(`${reason}.${hint}\n\n${usage}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Obstacle(`--port wants a number from 1 to 65535, not "${text}".`);
}

function parseIssuer(
  url: string | undefined,
  audience: string | undefined,
  serviceAudience: string | undefined,
): Issuer | undefined {
  const given = [audience && '--audience', serviceAudience && '--service-audience'].find(Boolean);
  if (url === undefined && given === undefined) return undefined;
  if (url === undefined) throw new Obstacle(`${given} is of another issuer: name that with --issuer.`);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Obstacle(
      `--issuer wants the address that tokens have as iss, such as http://localhost:3000, not "${url}".`,
    );
  }
  if (!audience) {
    throw new Obstacle(
      '--issuer needs --audience, the aud of the tokens that are meant for uploads: any token of the issuer would do without.',
    );
  }
  if (serviceAudience === audience) {
    throw new Obstacle('--service-audience is another than --audience, so that users and services differ.');
  }
  return { url, audience, ...(serviceAudience && { serviceAudience }) };
}

function parseWebhook(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const isPlain = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && !/[@#]/.test(url);
  if (isPlain) return url;
  throw new Obstacle(
    `--webhook wants an address such as http://localhost:3000/hooks/sluice, without a name or a password, not "${url}".`,
  );
}

function parseScan(names: string | undefined): Options['scan'] {
  if (names === undefined) return [];
  const known = names.split(',').map((name) => SCANS.find((one) => one === name));
  if (known.every((name) => name !== undefined)) return [...new Set(known)];
  throw new Obstacle(
    `--scan takes ${SCANS.join(', ')}, or several with commas between them, not "${names}".`,
  );
}
