/** Where a clamd listens: on a port of a machine, or on a socket of this one. */
export type ClamdAddress =
  | { readonly host: string; readonly port: number }
  /** the path of a unix socket */
  | { readonly path: string };

/**
 * Reads an address: `host:port`, `[::1]:port`, or the whole path of a unix socket.
 * @throws Error that says what an address looks like
 */
export function parseClamdAddress(text: string): ClamdAddress {
  if (/^\/[^\0]+$/.test(text)) return { path: text };
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new Error(
      `the address of clamd is host:port, such as 127.0.0.1:3310, or the path of a socket, not "${text}"`,
    );
  }
  return { host, port };
}
