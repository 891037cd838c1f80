import { setTimeout as delay } from 'node:timers/promises';
import { Obstacle } from './obstacle.ts';
import type { Issuer } from './options.ts';

/** Long enough for a backend that is started beside this one, and no longer than somebody looks at a line. */
const PATIENCE_MS = 30_000;
const POLL_MS = 500;
const ANSWER_WITHIN_MS = 10_000;

type Timing = { readonly patienceMs: number; readonly pollMs: number };

/**
 * Holds an issuer to what Sluice will ask of it: a discovery document that names the same issuer, and public
 * keys. One on this machine that does not answer yet is waited for. Throws an Obstacle that says what
 * is wrong.
 * @param onWait told once, when nobody listens there yet
 * @returns how many keys it has that a token can be signed with
 */
export async function requireIssuer(
  { url }: Issuer,
  onWait: (what: string) => void,
  timing: Timing = { patienceMs: PATIENCE_MS, pollMs: POLL_MS },
): Promise<number> {
  const get = (address: string) => getPatiently(address, onWait, timing);
  // As the function authorize-call writes it, with a slash at the issuer's end or without.
  const address = `${url.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const discovery = await readObject(address, await get(address));
  const { issuer, jwks_uri: keysAddress } = discovery;
  if (typeof issuer !== 'string') throw new Obstacle(`${address} names no issuer.`);
  if (issuer !== url) {
    throw new Obstacle(
      `${address} is of the issuer "${issuer}", and so are its tokens: start with --issuer ${issuer}\n` +
        'The two have to be the same to the letter, a slash at the end included.',
    );
  }
  if (typeof keysAddress !== 'string' || !URL.canParse(keysAddress)) {
    throw new Obstacle(`${address} names no jwks_uri, where the keys are that tokens are verified with.`);
  }
  const { keys } = await readObject(keysAddress, await get(keysAddress));
  const usable = (Array.isArray(keys) ? keys : []).filter(isUsable);
  if (usable.length === 0) {
    throw new Obstacle(
      `${keysAddress} has no key that tokens can be verified with: a public key (RSA, EC or OKP) that has a kid.`,
    );
  }
  return usable.length;
}

/** True for an address that leads to this machine. */
export function isHere(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(address).hostname);
}

/** Asks again while nobody listens at an address of this machine: the backend may be starting, too. */
async function getPatiently(
  address: string,
  onWait: (what: string) => void,
  { patienceMs, pollMs }: Timing,
): Promise<Response> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    } catch (error) {
      if (!isHere(address))
        throw unanswered(address, error, 'Is the address right, and does this machine reach it?');
      if (performance.now() > deadline)
        throw unanswered(address, error, 'Start the backend that serves it, then run this again.');
      if (attempt === 1) onWait(`nothing answers at ${new URL(address).origin} yet`);
      await delay(pollMs);
    }
  }
}

function unanswered(address: string, error: unknown, todo: string): Obstacle {
  return new Obstacle(`The issuer does not answer at ${address}: ${reasonOf(error)}.\n${todo}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

async function readObject(address: string, response: Response): Promise<Readonly<Record<string, unknown>>> {
  if (!response.ok) {
    throw new Obstacle(
      `${address} answers with ${response.status}. An issuer of OpenID Connect has its discovery document and its keys there, and AWS deploys with no other.`,
    );
  }
  const value: unknown = await response.json().catch(() => undefined);
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new Obstacle(`${address} answers with something else than a JSON object.`);
}

/** The kinds of keys that have a public half. */
const PUBLIC = ['RSA', 'EC', 'OKP'];

function isUsable(key: unknown): boolean {
  const { kty, kid, use } = Object(key);
  return (
    PUBLIC.includes(kty) && typeof kid === 'string' && kid !== '' && (use === undefined || use === 'sig')
  );
}
