/** What a signature is made with. The shape every AWS credential provider resolves to. */
export type SigningCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present for temporary credentials (roles, SSO): S3 refuses the signature without it. */
  readonly sessionToken?: string;
  /** When the credentials stop working, and with them everything they have signed. */
  readonly expiration?: Date;
};

/**
 * The credentials have expired, or do so within the second: nothing they sign would ever be accepted.
 * Fetching fresh credentials and signing again is safe and is the remedy.
 */
export class CredentialsExpiredError extends Error {
  override readonly name = 'CredentialsExpiredError';
}
