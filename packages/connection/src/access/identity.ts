import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { classify } from '../classify.ts';
import { ServiceError } from '../errors/service.ts';

/** Whose keys they are. */
export type Identity = {
  /** Twelve digits. */
  readonly account: string;
  /** A user, a role's session, or the account's root. */
  readonly arn: string;
};

/**
 * Asks STS who the caller is. Needs no permission, so a refusal means that the keys themselves are not
 * accepted.
 */
export async function readIdentity(client: STSClient, signal?: AbortSignal): Promise<Identity> {
  try {
    const call = signal ? { abortSignal: signal } : {};
    const { Account = '', Arn } = await client.send(new GetCallerIdentityCommand({}), call);
    // An endpoint that is not STS may well say 200 to anything.
    if (Arn === undefined) throw new ServiceError({ message: 'the endpoint does not answer as STS' });
    return { account: Account, arn: Arn };
  } catch (error) {
    throw classify(error);
  }
}
