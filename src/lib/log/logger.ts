import type { Context } from 'aws-lambda';
import { readOptional } from '../settings.ts';
import { couldHoldSecret, redact } from './redact.ts';

/** What a line says beside its message. The logger's own names are not to be taken. */
export type Fields = Readonly<Record<string, unknown>> & {
  readonly [Own in 'level' | 'message' | 'timestamp']?: never;
};

type Write = (message: string, fields?: Fields) => void;

export type Logger = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  /** Begins an invocation: every line from now on says which it is of, and which request. */
  readonly begin: (context: Context, correlationId?: string) => void;
};

export type LoggerDeps = {
  /**
   * `DEBUG`, `INFO`, `WARN` or `ERROR`: what is less than that is not written; `INFO` when it is none of them
   */
  readonly level: string | undefined;
  readonly now: () => number;
  /** takes a line with its end */
  readonly write: (line: string, stream: 'stdout' | 'stderr') => void;
  /** what X-Ray calls the invocation that runs, where it traces */
  readonly traceId: () => string | undefined;
};

export const SERVICE = 'sluice';
const RANKS = { DEBUG: 0, INFO: 1, WARN: 2, ERROR: 3 } as const;
type Level = keyof typeof RANKS;

/**
 * One JSON line per event, with nothing in it that could be used to act for somebody. The lines of one
 * invocation share most of their text, which is made once; a line of plain values costs one `JSON.stringify`
 * and one search for what could be secret, and only where that finds something is every value looked at.
 * Nothing that is logged makes it throw.
 */
export function createLogger({ level, now, write, traceId }: LoggerDeps): Logger {
  const least = isLevel(level) ? RANKS[level] : RANKS.INFO;
  let isCold = true;
  let invocation = `,"service":"${SERVICE}"`;
  let correlation = '';
  // The lines of one batch are often of one millisecond.
  let time = { at: Number.NaN, text: '' };

  const timestamp = (): string => {
    const at = now();
    if (at !== time.at) time = { at, text: new Date(at).toISOString() };
    return time.text;
  };
  const writer = (name: Level): Write => {
    if (RANKS[name] < least) return () => {};
    const stream = RANKS[name] < RANKS.WARN ? 'stdout' : 'stderr';
    const start = `{"level":"${name}","timestamp":"`;
    return (message, fields = {}) => {
      const own = toJson({ message, ...fields });
      const request = fields.correlation_id === undefined ? correlation : '';
      write(`${start}${timestamp()}"${invocation}${request},${own.slice(1)}\n`, stream);
    };
  };

  return {
    debug: writer('DEBUG'),
    info: writer('INFO'),
    warn: writer('WARN'),
    error: writer('ERROR'),
    begin(context, correlationId) {
      const about = toJson({
        service: SERVICE,
        cold_start: isCold,
        function_arn: context.invokedFunctionArn,
        function_memory_size: context.memoryLimitInMB,
        function_name: context.functionName,
        function_request_id: context.awsRequestId,
        xray_trace_id: traceId(),
      });
      isCold = false;
      invocation = `,${about.slice(1, -1)}`;
      correlation =
        correlationId === undefined ? '' : `,${toJson({ correlation_id: correlationId }).slice(1, -1)}`;
    },
  };
}

function isLevel(text: string | undefined): text is Level {
  return text !== undefined && Object.hasOwn(RANKS, text);
}

/** The JSON of a line's fields, without what is secret. */
function toJson(fields: Readonly<Record<string, unknown>>): string {
  if (isPlain(fields)) {
    const json = JSON.stringify(fields);
    if (!couldHoldSecret(json)) return json;
  }
  try {
    return JSON.stringify(fields, (_name, value: unknown) => redact(toFields(value)));
  } catch (error) {
    // Something that refers to itself, or whose own toJSON throws: the line says at least that it was there.
    return JSON.stringify({
      message: redact(String(fields.message)),
      unloggable: redact(error instanceof Error ? error.message : String(error)),
    });
  }
}

/** True where every value is one that JSON writes as it is: no object, whose values may be anything. */
function isPlain(fields: Readonly<Record<string, unknown>>): boolean {
  for (const name in fields) {
    const value = fields[name];
    if (value !== null && (typeof value === 'object' || typeof value === 'bigint')) return false;
  }
  return true;
}

/** What JSON has no words for. */
function toFields(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, ...(cause !== undefined && { cause }) };
}

/** The function's own logger. */
export const logger = createLogger({
  level: readOptional('LOG_LEVEL'),
  now: Date.now,
  // Not by way of console: Lambda's has a form of its own for what goes through it.
  write: (line, stream) => void process[stream].write(line),
  // Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…
  traceId: () => /^Root=([^;]+)/.exec(readOptional('_X_AMZN_TRACE_ID') ?? '')?.[1],
});
