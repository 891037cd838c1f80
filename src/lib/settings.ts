/** The one place that reads the process's environment. */
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { Settings } from '@sluice/connection/settings/values';

type Variables = Readonly<Record<string, string | undefined>>;
type Code = NonNullable<NonNullable<Parameters<typeof resolveSettings>[0]>['code']>;

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

/** What a function finds around it: its variables, and what its adapters share. */
export type Environment = {
  /** A variable that has to be set. */
  readonly text: (name: string) => string;
  /** A variable that holds a whole number of its unit, zero or more. */
  readonly wholeNumber: (name: string) => number;
  /** A variable that may be absent or empty. */
  readonly optional: (name: string) => string | undefined;
  /** How AWS is reached, by AWS's own variables, and by what the code says otherwise. */
  readonly connection: (code?: Code) => Settings;
  /** Where the buckets are; undefined when they are the stack's own. */
  readonly place: () => Place | undefined;
  /** What is made of the environment, made once: adapters that ask for the same client get the same one. */
  readonly once: <Made>(make: (environment: Environment) => Made) => Made;
  /**
   * Ends the reading.
   * @throws Error naming every variable that is missing or malformed, so that a bad deployment is mended in
   * one go
   */
  readonly check: () => void;
};

/** Reads variables. What is missing is made a note of, and told by `check`. */
export function createEnvironment(variables: Variables): Environment {
  const missing = new Set<string>();
  const malformed = new Set<string>();
  const made = new Map<unknown, unknown>();
  let settings: Settings | undefined;

  const text = (name: string): string => {
    const value = variables[name];
    if (!value) missing.add(name);
    return value ?? '';
  };
  const connection = (code?: Code): Settings => {
    if (code !== undefined) return resolveSettings({ environment: variables, code });
    settings ??= resolveSettings({ environment: variables });
    return settings;
  };
  const optional = (name: string) => variables[name] || undefined;
  const environment: Environment = {
    text,
    wholeNumber(name) {
      const value = text(name);
      const number = Number(value);
      const isWhole = /^\d+$/.test(value) && Number.isSafeInteger(number);
      if (value !== '' && !isWhole) malformed.add(`${name} is "${value}", which is not a whole number`);
      return number;
    },
    optional,
    connection,
    place() {
      const endpoint = optional('S3_ENDPOINT');
      if (endpoint === undefined) return undefined;
      const publicEndpoint = optional('S3_PUBLIC_ENDPOINT');
      return {
        endpoint,
        ...(publicEndpoint !== undefined && { publicEndpoint }),
        region: text('S3_REGION'),
        addressingStyle: text('S3_ADDRESSING_STYLE'),
        keysSecret: text('S3_KEYS_SECRET'),
      };
    },
    once<Made>(make: (environment: Environment) => Made): Made {
      if (!made.has(make)) made.set(make, make(environment));
      // Sound: what was made is kept under the function that made it.
      return made.get(make) as Made;
    },
    check() {
      const faults = [...malformed];
      if (missing.size > 0) faults.unshift(`not set in the environment: ${[...missing].join(', ')}`);
      if (faults.length > 0) throw new Error(faults.join('; '));
    },
  };
  return environment;
}

/** The environment of this process. */
export function ownEnvironment(): Environment {
  return createEnvironment(process.env);
}

/** Takes a variable away that means something else to Lambda than to a library. */
export function forgetVariable(name: string): void {
  delete process.env[name];
}

/** A variable that may be absent or empty, of what is needed before anything is wired. */
export function readOptional(name: string): string | undefined {
  return process.env[name] || undefined;
}
