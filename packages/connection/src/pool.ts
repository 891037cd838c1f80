import { readFileSync } from 'node:fs';
import type { Agent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { SecureContextOptions } from 'node:tls';
import { SettingError } from './errors/settings.ts';
import { mask } from './settings/mask.ts';
import { describe } from './settings/resolve.ts';
import type { SettingName, Settings } from './settings/values.ts';

/** What a client's sockets did since it was made, and what they do now. */
export type SocketCounts = {
  readonly opened: number;
  readonly reused: number;
  readonly busy: number;
  readonly idle: number;
  /** Calls that wait for a socket because `maxSockets` are busy. */
  readonly waiting: number;
};

/** No socket at all. */
export const noSockets: SocketCounts = { opened: 0, reused: 0, busy: 0, idle: 0, waiting: 0 };

/** Adds up what two kept count of. */
export function addCounts(one: SocketCounts, other: SocketCounts): SocketCounts {
  return {
    opened: one.opened + other.opened,
    reused: one.reused + other.reused,
    busy: one.busy + other.busy,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
  };
}

/** Some sockets of a client. */
export type CountedSockets = {
  readonly counts: () => SocketCounts;
  /** Closes every socket, busy ones too. */
  readonly destroy: () => void;
};

/** The keep-alive sockets of one client. */
export type Pool = CountedSockets & {
  readonly settings: Settings;
  readonly httpsAgent: HttpsAgent;
  /** Only there when the endpoint is `http:`. */
  readonly httpAgent: Agent | undefined;
  /** Opens a socket that no agent manages, with the same proxy, certificates and connect time-out. */
  readonly connect: (protocol: string, target: TcpNetConnectOpts) => Duplex | null | undefined;
  /** Lets sockets that the agents do not manage be counted and closed with theirs. */
  readonly join: (sockets: CountedSockets) => void;
  /**
   * Resolves at once, unless idle sockets may have died while the process was frozen; then as soon as that is
   * known.
   */
  readonly settle: () => Promise<void>;
};

/** Idle for longer than this and the process may have been frozen: a Lambda is, between two invocations. */
const DOUBTFUL_AFTER_MS = 1_000;

/** How long a connection is silent before the kernel asks. Gateways forget one after 350 s. */
const ASK_AFTER_MS = 60_000;

/**
 * Makes the agents of one client: keep-alive, at most `maxSockets`, a connect time-out that covers the TLS
 * handshake but not the wait for a free socket, proxy and certificates as the settings say. Nothing is opened
 * before the first call.
 *
 * Throws `SettingError` when a certificate file cannot be read.
 */
export function createPool(settings: Settings, endpoint: string | undefined): Pool {
  const options = agentOptions(settings);
  const tally = { opened: 0, reused: 0, freedAt: Date.now() };
  const tlsOptions = { ...options, ...certificates(settings) };
  const httpsAgent = new HttpsAgent(tlsOptions);
  // Not imported: as an ES module node:http loads all of undici (35 ms, nodejs/node#59686), and AWS itself is
  // https.
  const httpAgent = endpoint?.startsWith('http:')
    ? new (process.getBuiltinModule('node:http').Agent)(options)
    : undefined;
  const agents = httpAgent ? [httpsAgent, httpAgent] : [httpsAgent];
  const forProxy = proxyCertificates(settings);
  for (const agent of agents) {
    observe(agent, settings, tally);
    equip(agent, settings, forProxy);
  }

  const total = (lists: 'sockets' | 'freeSockets' | 'requests') =>
    agents
      .flatMap((agent) => Object.values(agent[lists]))
      .reduce((sum, list) => sum + (list?.length ?? 0), 0);
  const joined: CountedSockets[] = [];
  const counts = () => {
    const managed = {
      opened: tally.opened,
      reused: tally.reused,
      busy: total('sockets'),
      idle: total('freeSockets'),
      waiting: total('requests'),
    };
    return joined.map((sockets) => sockets.counts()).reduce(addCounts, managed);
  };
  return {
    settings,
    httpsAgent,
    httpAgent,
    counts,
    connect: (protocol, target) =>
      httpAgent && protocol === 'http:'
        ? httpAgent.createConnection({ ...options, ...target })
        : httpsAgent.createConnection({ ...tlsOptions, ...target }),
    join: (sockets) => joined.push(sockets),
    async settle() {
      if (Date.now() - tally.freedAt < DOUBTFUL_AFTER_MS || counts().idle === 0) return;
      // The kernel knows which sockets the server has closed, this process does not until its event loop
      // polls. The first turn reads the ends, the second one lets the agent forget the closed sockets. What
      // is left is alive.
      await setImmediate();
      await setImmediate();
    },
    destroy() {
      for (const sockets of [...agents, ...joined]) sockets.destroy();
    },
  };
}

type Tally = {
  opened: number;
  reused: number;
  freedAt: number;
};

/** Counts, and ends attempts to connect. Wraps the methods that Node documents as the place for it. */
function observe(agent: Agent, { values }: Settings, tally: Tally): void {
  const createConnection = agent.createConnection.bind(agent);
  const reuseSocket = agent.reuseSocket.bind(agent);
  const keepSocketAlive = agent.keepSocketAlive.bind(agent);
  const ready = agent instanceof HttpsAgent ? 'secureConnect' : 'connect';
  const isProxyError = proxyErrorTest(agent instanceof HttpsAgent ? values.httpsProxy : values.httpProxy);

  // Sound: agents make sockets of TCP, with TLS or without.
  const ask = (socket: Duplex) => (socket as Socket).setKeepAlive(values.tcpKeepAlive, ASK_AFTER_MS);

  agent.createConnection = (options, callback) => {
    tally.opened += 1;
    const timer = setTimeout(
      () => socket?.destroy(connectTimeout(values.connectTimeoutMs)),
      values.connectTimeoutMs,
    );
    const stop = () => clearTimeout(timer);
    // Only a tunnel through a proxy calls back with an error, so that is what the mark says.
    const socket = createConnection(options, (error, stream) => {
      stop();
      callback?.(error && Object.assign(error, { proxied: true }), stream);
    });
    socket?.once(ready, stop).once('close', stop);
    if (socket) ask(socket);
    socket?.prependListener('error', (error: NodeJS.ErrnoException) => {
      if (isProxyError(error)) Object.assign(error, { proxied: true });
    });
    return socket;
  };
  agent.keepSocketAlive = (socket) => {
    const isKept = keepSocketAlive(socket);
    // Node asks whatever it was told when the connection was made.
    ask(socket);
    return isKept;
  };
  agent.reuseSocket = (socket, request) => {
    tally.reused += 1;
    reuseSocket(socket, request);
  };
  // Before the agent's own listener, which hands a freed socket to the next call that waits without telling
  // anyone.
  agent.prependListener('free', (socket: Duplex, options: AgentOptions) => {
    tally.freedAt = Date.now();
    if (socket.writable && agent.requests[agent.getName(options)]?.length) tally.reused += 1;
  });
}

/** In the shape of Node's own, so that the SDK retries it as it does those. */
function connectTimeout(ms: number): Error {
  return Object.assign(new Error(`did not establish a connection within ${ms} ms`), {
    code: 'ETIMEDOUT',
    syscall: 'connect',
  });
}

function proxyErrorTest(proxy: string | undefined): (error: object) => boolean {
  if (proxy === undefined) return () => false;
  const { hostname, port, protocol } = new URL(proxy);
  const proxyPort = Number(port || (protocol === 'https:' ? 443 : 80));
  return (error) =>
    ('port' in error && error.port === proxyPort) || ('hostname' in error && error.hostname === hostname);
}

function agentOptions({ values }: Settings): AgentOptions {
  const { keepAlive, maxSockets, httpProxy, httpsProxy, noProxy } = values;
  const proxyEnv = {
    ...(httpProxy && { HTTP_PROXY: httpProxy }),
    ...(httpsProxy && { HTTPS_PROXY: httpsProxy }),
    ...(noProxy && { NO_PROXY: withSubdomains(noProxy) }),
  };
  return { keepAlive, maxSockets, ...((httpProxy || httpsProxy) && { proxyEnv }) };
}

/**
 * A name stands for those below it as well, as in Python and curl; to Node it does so only with a dot before
 * it.
 */
function withSubdomains(noProxy: string): string {
  const entries = noProxy.split(',').map((entry) => entry.trim());
  return entries.flatMap((entry) => (/^[\w-]/.test(entry) ? [entry, `.${entry}`] : entry)).join(',');
}

function certificates(settings: Settings): SecureContextOptions {
  const { caBundle, clientCertificate, clientKey } = settings.values;
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw new SettingError({
      setting: clientKey ? 'clientCertificate' : 'clientKey',
      value: '',
      source: 'code',
      allowed: 'both of clientCertificate and clientKey, or neither',
    });
  }
  return {
    ...(caBundle && { ca: readPem(settings, 'caBundle', caBundle) }),
    ...(clientCertificate && { cert: readPem(settings, 'clientCertificate', clientCertificate) }),
    ...(clientKey && { key: readPem(settings, 'clientKey', clientKey) }),
  };
}

/** What a proxy is shown, and trusted by, whose own URL begins with `https:`. */
function proxyCertificates(settings: Settings): SecureContextOptions {
  const { proxyCaBundle, proxyClientCertificate, proxyClientKey } = settings.values;
  const ca = proxyCaBundle && readPem(settings, 'proxyCaBundle', proxyCaBundle);
  const cert = proxyClientCertificate && readPem(settings, 'proxyClientCertificate', proxyClientCertificate);
  const ownKey = proxyClientKey && readPem(settings, 'proxyClientKey', proxyClientKey);
  const key = ownKey || (cert?.includes('PRIVATE KEY-----') ? cert : undefined);
  if ((cert === undefined) !== (key === undefined)) {
    throw new SettingError({
      setting: cert ? 'proxyClientKey' : 'proxyClientCertificate',
      value: '',
      source: describe(settings.sources[cert ? 'proxyClientCertificate' : 'proxyClientKey']),
      allowed: 'both of proxyClientCertificate and proxyClientKey, or one file with both',
    });
  }
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/**
 * Gives an agent the certificates for a proxy that speaks TLS itself. Node has no option for them: it
 * connects to the proxy with the address that it keeps of it, so that is where they are put. Throws if there
 * is a proxy and Node keeps no address, since calls would go past it.
 */
function equip(agent: Agent, settings: Settings, certificates: SecureContextOptions): void {
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

function readPem({ sources }: Settings, setting: SettingName, path: string): Buffer {
  try {
    const pem = readFileSync(path);
    if (pem.includes('-----BEGIN ')) return pem;
  } catch {
    // Falls through: a file that cannot be read and one that is no PEM need the same answer.
  }
  throw new SettingError({
    setting,
    value: mask(setting, path),
    source: describe(sources[setting]),
    allowed: 'the path of a readable PEM file',
  });
}
