// The issuer: says by signed tokens who somebody is. Sluice reads the two documents, and verifies each
// token by them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

export type Issuer = {
  readonly discovery: Readonly<Record<string, unknown>>;
  /** the public keys, for /.well-known/jwks.json */
  readonly keys: { readonly keys: readonly JWK[] };
  /**
   * A token for one of the app's users. It opens uploads and nothing else: that is what its audience says.
   */
  readonly sign: (userId: string) => Promise<string>;
};

/** Long enough for a page to send something; one that has ended is asked for again. */
const TOKEN_LIVES = '10 minutes';

/**
 * An issuer whose key is kept in a file, so that its tokens outlast a restart. Before you replace a key,
 * publish both for as long as tokens last.
 * @param url where this backend is reached: the `iss` of every token
 */
export async function openIssuer(url: string, audience: string, keyFile: string): Promise<Issuer> {
  const secret = (await readKey(keyFile)) ?? (await makeKey(keyFile));
  const key = await importJWK(secret, 'RS256');
  const { kty, n, e, kid } = secret;
  return {
    discovery: {
      issuer: url,
      jwks_uri: `${url}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
    },
    keys: { keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' } as JWK] },
    sign: (userId) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'RS256', kid: String(kid) })
        .setIssuer(url)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt()
        .setExpirationTime(TOKEN_LIVES)
        .sign(key),
  };
}

async function readKey(file: string): Promise<JWK | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

async function makeKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key = { ...jwk, kid: await calculateJwkThumbprint(jwk) };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(key), { mode: 0o600 });
  return key;
}
