import type { UserPool } from '@sluice/client/cognito';
import { toNetworkError } from '@sluice/client/unreachable';
import { Complaint } from './complaint.ts';

/**
 * The user pool of a deployment, as its console page is told of it. Throws Complaint when it has an issuer of
 * its own.
 */
export async function readUserPool(endpoint: string): Promise<UserPool> {
  let config: unknown;
  try {
    const response = await fetch(`${endpoint}/console/config.json`, { signal: AbortSignal.timeout(15_000) });
    config = await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw notSluice(endpoint);
    throw toNetworkError(`There was no answer from ${new URL(endpoint).host}`, error);
  }
  const signIn: unknown = Object(config).signIn;
  const { kind, clientId, endpoint: cognito } = Object(signIn);
  if (kind === 'cognito' && typeof clientId === 'string' && typeof cognito === 'string') {
    return { clientId, endpoint: cognito };
  }
  if (kind !== 'token') throw notSluice(endpoint);
  throw new Complaint(
    'This deployment takes the tokens of an issuer of its own.',
    'Get one there, and pass it with --token or SLUICE_TOKEN.',
  );
}

function notSluice(endpoint: string): Complaint {
  return new Complaint(`${endpoint} does not answer as Sluice.`, 'Is it the address of the API?');
}
