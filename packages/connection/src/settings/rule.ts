/** How one setting is recognised, wherever it was written. */
export type Rule<T> = {
  /**
   * Returns the value, or undefined when it is not allowed. Environment and files give text; code gives the
   * type.
   */
  readonly parse: (given: unknown) => T | undefined;
  /** Completes the sentence "expected …". */
  readonly allowed: string;
};

const MAX_TIMER_MS = 2_147_483_647;

/** Any text with something in it. */
export const text: Rule<string> = {
  parse: (given) => (typeof given === 'string' && given.length > 0 ? given : undefined),
  allowed: 'a non-empty text',
};

/** Text of a given form. */
export function matching(pattern: RegExp, allowed: string): Rule<string> {
  return {
    parse: (given) => (typeof given === 'string' && pattern.test(given) ? given : undefined),
    allowed,
  };
}

/** true or false; in text, any case. */
export const flag: Rule<boolean> = {
  parse(given) {
    if (typeof given === 'boolean') return given;
    const word = String(given).toLowerCase();
    return word === 'true' ? true : word === 'false' ? false : undefined;
  },
  allowed: 'true or false',
};

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): Rule<number> {
  return {
    parse(given) {
      const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
      return Number.isInteger(number) && Number(number) >= min && Number(number) <= max
        ? Number(number)
        : undefined;
    },
    allowed: `a whole number from ${min} to ${max}`,
  };
}

/** A time in milliseconds. Zero is refused: for the SDK it means "wait for ever". */
export const milliseconds: Rule<number> = {
  ...integer(1, MAX_TIMER_MS),
  allowed: `milliseconds, a whole number from 1 to ${MAX_TIMER_MS}`,
};

/** A time in seconds, fractions allowed, as the environment gives it; the value is in milliseconds. */
export const seconds: Rule<number> = {
  parse(given) {
    const ms = /^\d+(\.\d+)?$/.test(String(given)) ? Math.ceil(Number(given) * 1000) : 0;
    return ms >= 1 && ms <= MAX_TIMER_MS ? ms : undefined;
  },
  allowed: 'seconds, a number greater than 0',
};

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** A number of bytes, or as the AWS CLI writes it, `64MB` or `64MiB`, which mean the same there. */
export const size: Rule<number> = {
  parse(given) {
    const [, count = '', unit = ''] = /^(\d{1,15})(?:\s*([KMGkmg]?)i?[Bb])?$/.exec(String(given)) ?? [];
    const bytes = Number(count) * (UNITS[unit.toUpperCase()] ?? 0);
    return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
  },
  allowed: 'bytes, from 1, or a size such as 16MB',
};

/** Bytes each second, from 1 024: a number, or as the AWS CLI writes it, `50MB/s`, or in bits, `100Mb/s`. */
export const rate: Rule<number> = {
  parse(given) {
    const [, count = '', unit = '', what = 'B'] =
      /^(\d{1,15})(?:\s*([KMGkmg]?)i?(B|b)(?:\/s|ps)?)?$/.exec(String(given)) ?? [];
    const bytes = Math.floor((Number(count) * (UNITS[unit.toUpperCase()] ?? 0)) / (what === 'b' ? 8 : 1));
    return count !== '' && bytes >= 1024 && Number.isSafeInteger(bytes) ? bytes : undefined;
  },
  allowed: 'bytes each second from 1024, or a rate such as 50MB/s or 100Mb/s',
};

/** A moment, as ISO 8601 writes it. */
export const instant: Rule<string> = {
  parse: (given) =>
    typeof given === 'string' && /^\d{4}-\d\d-\d\dT/.test(given) && !Number.isNaN(Date.parse(given))
      ? given
      : undefined,
  allowed: 'a time such as 2027-01-31T12:00:00Z',
};

/** One of the words, in any case; the value has the case given here. */
export function oneOf<const T extends string>(...words: readonly T[]): Rule<T> {
  return {
    parse: (given) => words.find((word) => word.toLowerCase() === String(given).toLowerCase()),
    allowed: `one of ${words.join(', ')}`,
  };
}

/**
 * An http or https URL with a host; the value begins with `http://` when what was given has no scheme, and a
 * `%` that encodes nothing is one of the password, as in boto3.
 */
export const proxy: Rule<string> = {
  parse(given) {
    // URLs are read without line breaks, and Node then refuses the text with its password in the message.
    if (typeof given !== 'string' || /[\r\n]/.test(given)) return undefined;
    const whole = /^(https?:|[\w+.-]+:\/\/)/i.test(given) ? given : `http://${given.replace(/^\/\//, '')}`;
    const encoded = url.parse(whole.replace(/%(?![\da-f]{2})/gi, '%25'));
    return encoded !== undefined && isDecodable(encoded) ? encoded : undefined;
  },
  allowed: 'a URL that begins with http:// or https://, or host:port',
};

/** Whether user and password are text once they are decoded, as whoever connects will have to. */
function isDecodable(given: string): boolean {
  const { username, password } = new URL(given);
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** An http or https URL with a host. */
export const url: Rule<string> = {
  parse(given) {
    if (typeof given !== 'string' || !URL.canParse(given)) return undefined;
    return /^https?:$/.test(new URL(given).protocol) ? given : undefined;
  },
  allowed: 'a URL that begins with http:// or https://',
};
