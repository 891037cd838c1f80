import type { AwsCredentialIdentity } from '@smithy/types';
import { classify } from '../classify.ts';
import { NoCredentialsError } from '../errors/settings.ts';
import { refreshing } from '../refresh.ts';
import type { Session } from '../session.ts';

/**
 * What a signer needs of a session. `client` is used for directory buckets alone; without it the signer makes
 * one.
 */
export type SignerSession = Pick<Session, 'settings' | 'credentials'> & Partial<Pick<Session, 'client'>>;

/** Such keys live five minutes; what they sign should live for four of them. */
const RENEW_BEFORE_MS = 4 * 60_000;

/** The keys of a session with a directory bucket, made when they are first needed and anew a minute later. */
export function createDirectoryKeys(
  session: SignerSession,
  bucket: string,
): () => Promise<AwsCredentialIdentity> {
  const ask = async () => {
    // Only now: who signs for other buckets needs no client.
    const [{ CreateSessionCommand }, { createS3Client }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('../clients/s3.ts'),
    ]);
    const own = session.client
      ? undefined
      : createS3Client(session.settings, { credentials: session.credentials });
    const client = own ?? session.client?.(createS3Client);
    try {
      const answer = await client?.send(new CreateSessionCommand({ Bucket: bucket }));
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer?.Credentials ?? {};
      if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
        throw new NoCredentialsError({ message: `${bucket} gave a session without keys` });
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        ...(Expiration && { expiration: Expiration }),
      };
    } catch (error) {
      throw classify(error);
    } finally {
      own?.destroy();
    }
  };
  return refreshing(ask, Date.now, RENEW_BEFORE_MS);
}
