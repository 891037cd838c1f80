/**
 * The host that an address leads to, in small letters; undefined for one that leads nowhere else: a place on
 * the same machine, or within the same file. An address of a scheme that nobody here knows is told by that.
 */
export function toHost(address: string): string | undefined {
  const text = address.trim();
  const [, scheme, rest = ''] = /^([a-z][a-z\d+.-]+):(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) return /^[\\/]{2}/.test(text) ? toName(text) : undefined;
  const kind = scheme.toLowerCase();
  if (kind === 'http' || kind === 'https' || kind === 'ftp') return toName(rest);
  if (kind === 'data' || kind === 'cid') return undefined;
  if (kind === 'file') return toFileHost(rest);
  // mhtml:http://…!x-usc:http://…
  const inner = /(?:https?|ftp|file):.*/is.exec(rest)?.[0];
  return inner === undefined ? `${kind}:` : (toHost(inner) ?? `${kind}:`);
}

function toFileHost(rest: string): string | undefined {
  const [slashes = ''] = /^[\\/]*/.exec(rest) ?? [];
  const path = rest.slice(slashes.length);
  // file:///C:/…, file:///home/…, file:C:\…
  if (/^[a-z][:|]/i.test(path) || slashes === '/' || slashes === '///' || slashes === '') return undefined;
  return toName(rest);
}

function toName(address: string): string | undefined {
  const [, name] = /^[\\/]*(?:[^\\/?#@]*@)?([^\\/?#:@]+)/.exec(address) ?? [];
  return name?.toLowerCase();
}
