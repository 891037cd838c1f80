/** The one place that reads the process's environment. */

/**
 * The named variables, all of them set.
 * @throws Error naming every variable that is missing, so that a bad deployment is mended in one go
 */
export function readSettings<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`not set in the environment: ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])) as Record<Name, string>;
}

/** A variable that holds a whole number of its unit, zero or more. */
export function readWholeNumber(name: string): number {
  const text = readSettings(name)[name] ?? '';
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Error(`${name} is "${text}", which is not a whole number`);
  }
  return value;
}

/** A variable that may be absent or empty. */
export function readOptional(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** The whole environment, for the connection layer, which knows AWS's own variables. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Another S3 than AWS's, which the buckets are on. */
export type Place = {
  /** as the functions reach it */
  readonly endpoint: string;
  /** as clients do, where that is another address */
  readonly publicEndpoint?: string;
  readonly region: string;
  readonly addressingStyle: string;
  /** ARN of the secret with its keys */
  readonly keysSecret: string;
};

/** Where the buckets are; undefined when they are the stack's own. */
export function readPlace(): Place | undefined {
  const endpoint = readOptional('S3_ENDPOINT');
  if (endpoint === undefined) return undefined;
  const publicEndpoint = readOptional('S3_PUBLIC_ENDPOINT');
  const { S3_REGION, S3_ADDRESSING_STYLE, S3_KEYS_SECRET } = readSettings(
    'S3_REGION',
    'S3_ADDRESSING_STYLE',
    'S3_KEYS_SECRET',
  );
  return {
    endpoint,
    ...(publicEndpoint !== undefined && { publicEndpoint }),
    region: S3_REGION,
    addressingStyle: S3_ADDRESSING_STYLE,
    keysSecret: S3_KEYS_SECRET,
  };
}
