import { isFields } from '@sluice/client/fields';

/**
 * What the page reads out of a token: for display and for planning only. Whether it is genuine, the API
 * decides.
 */
export type Claims = {
  /** who it is about, in a form that the person knows */
  readonly name: string;
  /** milliseconds since the epoch */
  readonly expiresAt: number;
};

/** Reads a JSON Web Token without verifying it. Undefined when it is none, or never expires. */
export function readClaims(token: string): Claims | undefined {
  const [, payload, signature] = token.split('.');
  if (!payload || !signature) return undefined;
  const claims = parse(payload);
  if (!isFields(claims) || typeof claims.exp !== 'number') return undefined;
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  const name = [claims.email, claims.name, claims.sub].find(isText) ?? 'somebody';
  return { name: String(name), expiresAt: claims.exp * 1000 };
}

function parse(base64url: string): unknown {
  try {
    const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0))));
  } catch {
    return undefined;
  }
}
