import type { Agent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { SettingError } from './errors/settings.ts';
import { mask } from './settings/mask.ts';
import { describe } from './settings/resolve.ts';
import type { Settings } from './settings/values.ts';

/** The proxies of the settings, as the options of an agent. */
export function proxyOptions({ values }: Settings): Pick<AgentOptions, 'proxyEnv'> {
  const { httpProxy, httpsProxy, noProxy } = values;
  const proxyEnv = {
    ...(httpProxy && { HTTP_PROXY: httpProxy }),
    ...(httpsProxy && { HTTPS_PROXY: httpsProxy }),
    ...(noProxy && { NO_PROXY: withSubdomains(noProxy) }),
  };
  return httpProxy || httpsProxy ? { proxyEnv } : {};
}

/**
 * A name stands for those below it as well, as in Python and curl; to Node it does so only with a dot before
 * it.
 */
function withSubdomains(noProxy: string): string {
  const entries = noProxy.split(',').map((entry) => entry.trim());
  return entries.flatMap((entry) => (/^[\w-]/.test(entry) ? [entry, `.${entry}`] : entry)).join(',');
}

/**
 * Gives an agent the certificates for a proxy that speaks TLS itself. Node has no option for them: it
 * connects to the proxy with the address that it keeps of it, so that is where they are put. Throws if there
 * is a proxy and Node keeps no address, since calls would go past it.
 */
export function equip(agent: Agent, settings: Settings, certificates: SecureContextOptions): void {
  const setting = agent instanceof HttpsAgent ? 'httpsProxy' : 'httpProxy';
  const proxy = settings.values[setting];
  if (proxy === undefined) return;
  const name = Object.getOwnPropertySymbols(agent).find(({ description }) => description === 'kProxyConfig');
  // Sound as far as it is looked at: nothing is known of it.
  const kept = name && (Reflect.get(agent, name) as { proxyConnectionOptions?: { host?: string } } | null);
  const options = kept?.proxyConnectionOptions;
  if (typeof options?.host !== 'string') {
    throw new SettingError({
      setting,
      value: mask(setting, proxy),
      source: describe(settings.sources[setting]),
      allowed: `no proxy with Node ${process.versions.node}; 24.5 and newer know how to use one`,
    });
  }
  if (!proxy.startsWith('https:')) return;
  // Without a name the proxy would not know which of its certificates is meant; an address is no name.
  Object.assign(options, certificates, isIP(options.host) === 0 && { servername: options.host });
}

/** Tells errors of the connection to a proxy from those of other connections. */
export function proxyErrorTest(proxy: string | undefined): (error: object) => boolean {
  if (proxy === undefined) return () => false;
  const { hostname, port, protocol } = new URL(proxy);
  const proxyPort = Number(port || (protocol === 'https:' ? 443 : 80));
  return (error) =>
    ('port' in error && error.port === proxyPort) || ('hostname' in error && error.hostname === hostname);
}
