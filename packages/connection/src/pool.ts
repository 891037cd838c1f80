import type { Agent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { certificates, proxyCertificates } from './certificates.ts';
import { equip, proxyErrorTest, proxyOptions } from './proxy.ts';
import type { Settings } from './settings/values.ts';

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
  const { keepAlive, maxSockets } = settings.values;
  const options = { keepAlive, maxSockets, ...proxyOptions(settings) };
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
