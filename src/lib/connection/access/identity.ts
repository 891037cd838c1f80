import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { classify } from '../classify.ts';

/** Whose keys they are. */
export interface Identity {
  /** Twelve digits. */
  readonly account: string;
  /** A user, a role's session, or the account's root. */
  readonly arn: string;
}

/** Asks STS who the caller is. Needs no permission, so a refusal means that the keys themselves are not accepted. */
export async function readIdentity(client: STSClient, signal?: AbortSignal): Promise<Identity> {
  try {
    const call = signal ? { abortSignal: signal } : {};
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}), call);
    return { account: Account, arn: Arn };
  } catch (error) {
    throw classify(error);
  }
}
