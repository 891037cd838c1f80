import { createHash } from 'node:crypto';

/** The other origins that the page talks to. */
export type Origins = {
  /** where files are sent */
  readonly incoming: string;
  /** where accepted files are shown from, pictures and texts */
  readonly store: string;
  /** where people sign in; absent when they bring a token */
  readonly signIn?: string;
};

/**
 * The headers that confine the page: it runs only its own script, talks only to the named origins, and no
 * other page can frame it. `require-trusted-types-for` makes the browser itself refuse every `innerHTML`.
 */
export function toSecurityHeaders(
  page: string,
  { incoming, store, signIn }: Origins,
): Record<string, string> {
  const policy: Record<string, readonly string[]> = {
    'default-src': ["'none'"],
    'script-src': ["'self'", ...inlineScriptsOf(page).map(toHashSource)],
    'style-src': ["'self'"],
    'img-src': ["'self'", store],
    'connect-src': ["'self'", incoming, store, ...(signIn === undefined ? [] : [signIn])],
    'form-action': ["'none'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ["'none'"],
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${[...new Set(sources)].join(' ')}`)
      .join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
  };
}

// The page's one inline script runs before its first paint. Its hash allows this script and no other.
function inlineScriptsOf(page: string): string[] {
  return [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
}

function toHashSource(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
}
