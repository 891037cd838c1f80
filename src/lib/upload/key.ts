/**
 * An object's key: `<tenant>/<upload id>`. The server makes both, from `[a-z0-9/-]` only, so every bucket and
 * URL reads it alike.
 */
export function toKey(tenant: string, id: string): string {
  return `${tenant}/${id}`;
}

const KEY = /^([a-z0-9][a-z0-9-]{0,62})\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Reads a key that Sluice made; undefined for any other. */
export function parseKey(key: string): { tenant: string; id: string } | undefined {
  const [, tenant, id] = KEY.exec(key) ?? [];
  return tenant === undefined || id === undefined ? undefined : { tenant, id };
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * True for text in the form of an upload id. Checked before the ledger is read, so that hostile paths cost no
 * read.
 */
export function isUploadId(text: string): boolean {
  return ID.test(text);
}
