import { isPublicAddress } from './address.ts';
import { LIMITS } from './endpoint.ts';

/** Where webhooks may go to: on the internet, or, where the stack is local, anywhere. */
export type Reach = 'public' | 'anywhere';

// Below 1024 stand services that were not made to be sent HTTP, mail above all.
const HTTPS_PORT = 443;
const LEAST_FREE_PORT = 1_024;

/** What is wrong with an endpoint's address, as a sentence for whoever gave it; undefined when nothing is. */
export function flawOfUrl(text: string, reach: Reach): string | undefined {
  if (text.length > LIMITS.urlCharacters) {
    return `The URL has more than ${LIMITS.urlCharacters.toLocaleString('en')} characters.`;
  }
  if (!URL.canParse(text)) return 'The URL cannot be read.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return 'The URL holds a name or a password. Verify the signature instead.';
  }
  if (url.hash !== '' || text.endsWith('#')) return 'The URL has a fragment, which is never sent.';
  if (reach === 'anywhere') {
    return /^https?:$/.test(url.protocol) ? undefined : 'The URL begins with neither http:// nor https://.';
  }
  if (url.protocol !== 'https:') return 'The URL does not begin with https://.';
  const port = Number(url.port || HTTPS_PORT);
  if (port !== HTTPS_PORT && port < LEAST_FREE_PORT) {
    return `The port is ${port}. Webhooks go to port 443, and to those from 1024.`;
  }
  return flawOfHost(bareHost(url));
}

/** The host of a URL; of an IPv6 address without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** True for an IP address; `new URL` has written all of their forms alike. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}

function flawOfHost(host: string): string | undefined {
  if (isAddress(host)) {
    return isPublicAddress(host) ? undefined : 'The URL names an address that is not on the internet.';
  }
  // A dot at the end only says that the name is complete: `localhost.` is localhost.
  const name = host.replace(/\.$/, '');
  // What the name resolves to is checked when something is sent, every time.
  const isInner = !name.includes('.') || /\.(?:localhost|local|internal|localdomain)$/i.test(name);
  return isInner ? 'The URL names a host that is not on the internet.' : undefined;
}
