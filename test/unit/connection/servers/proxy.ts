import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https, { type ServerOptions } from 'node:https';
import { connect } from 'node:net';
import { listen, pemPath, type TestServer } from './server.ts';

/** How a proxy for one test behaves. */
export type ProxyBehaviour = {
  /** `user:password` that it wants to see. */
  readonly secret?: string;
  /** Answers CONNECT with this status instead of opening the tunnel. */
  readonly refuseWith?: number;
  /** Accepts CONNECT and says nothing, ever. */
  readonly stall?: boolean;
  /** Speaks TLS itself, with the named certificate. */
  readonly certificate?: string;
  readonly tls?: ServerOptions;
};

/** A forward proxy: tunnels CONNECT, and carries plain requests. `seen` lists what it was asked for. */
export async function serveProxy(
  behaviour: ProxyBehaviour = {},
): Promise<TestServer & { readonly seen: string[] }> {
  const seen: string[] = [];
  const wanted = behaviour.secret && `Basic ${Buffer.from(behaviour.secret).toString('base64')}`;

  const carry: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const { hostname, port, pathname, search } = new URL(request.url ?? '');
    const onward = http.request({
      hostname,
      port,
      path: pathname + search,
      method: request.method,
      headers: request.headers,
    });
    onward.on('response', (answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    request.pipe(onward);
  };
  const { certificate, tls } = behaviour;
  const server =
    certificate === undefined
      ? http.createServer(carry)
      : https.createServer({ ...pairOf(certificate), ...tls }, carry);
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (behaviour.stall) return;
    const refusal =
      behaviour.refuseWith ?? (wanted && request.headers['proxy-authorization'] !== wanted ? 407 : undefined);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const target = new URL(`http://${request.url}`);
    const onward = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { ...(await listen(server, certificate === undefined ? 'http' : 'https')), seen };
}

function pairOf(certificate: string): ServerOptions {
  return {
    cert: readFileSync(pemPath(`${certificate}.pem`)),
    key: readFileSync(pemPath(`${certificate}.key`)),
  };
}
