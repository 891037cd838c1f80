import { SignInError } from '@sluice/client/cognito';
import {
  NetworkError,
  NotSettledError,
  ProblemError,
  SluiceError,
  StorageError,
  UnauthorizedError,
} from '@sluice/client/errors';
import { adviceFor } from '@sluice/connection/advice';
import { ConnectionError } from '@sluice/connection/errors/connection-error';
import { Complaint, KeptError, UsageError } from './complaint.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { printable } from './text.ts';

/** What went wrong and what to do about it, for a person and for a script alike. */
export type Report = {
  readonly exit: ExitCode;
  /** stable: a problem's own code, or a word of this tool */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** the field of the request at fault */
  readonly field?: string;
  readonly requestId?: string;
};

const HINTS: Readonly<Record<string, string>> = {
  policy_unknown: '`sluice policies` lists the policies.',
  type_not_allowed:
    '`sluice policies` lists the types; --content-type names the type when its extension misleads.',
  extension_mismatch: 'Leave --content-type out, and the extension decides.',
  size_over_limit: '`sluice policies` lists the limits.',
  size_below_minimum: '`sluice policies` lists the limits.',
  checksum_required: 'Add --checksum sha256.',
  multipart_checksum: 'Add --checksum crc64nvme in its place.',
  multipart_checksum_mismatch:
    'The file changed while it was read, or was damaged on its way: send it again.',
  multipart_gone: 'It was given up or has expired: send the file again with --restart.',
  metadata_key_unknown: '`sluice policies --json` lists the keys.',
  upload_not_found: '`sluice list` lists your uploads.',
  not_verified_yet: '`sluice status <id> --wait` waits for the verdict.',
  upload_rejected: '`sluice status <id>` tells why.',
};

/** Where the local stack refuses what AWS takes: docs/local-stack.md, "Where it differs from AWS". */
const LOCAL_HINTS: Readonly<Record<string, string>> = {
  multipart_checksum_mismatch:
    'The local S3 refuses every such checksum of a file in parts, right or wrong: use --transport put, or leave --checksum out.',
};

/** Explains whatever was thrown. `local` is true when the local stack was talked to. */
export function toReport(error: unknown, local: boolean): Report {
  const message = error instanceof Error ? printable(error.message) : printable(String(error));
  if (error instanceof KeptError) {
    const { hint, ...report } = toReport(error.cause, local);
    return { ...report, hint: hint === undefined ? error.hint : `${hint} ${error.hint}` };
  }
  if (error instanceof UsageError) return { exit: EXIT.usage, code: 'usage', message };
  if (error instanceof Complaint) {
    return { exit: EXIT.failed, code: 'not_possible', message, ...(error.hint && { hint: error.hint }) };
  }
  if (error instanceof ConnectionError) return fromConnection(error, message, local);
  if (error instanceof ProblemError) return fromProblem(error, message, local);
  if (error instanceof UnauthorizedError) {
    const hint = 'It may have expired: run `sluice login`, or pass another with --token or SLUICE_TOKEN.';
    return { exit: EXIT.failed, code: 'unauthorized', message, hint };
  }
  if (error instanceof NotSettledError) {
    const hint = `\`sluice status ${error.upload.id} --wait\` goes on waiting.`;
    return { exit: EXIT.failed, code: 'not_settled', message, hint };
  }
  if (error instanceof NetworkError) {
    const hint = local
      ? 'Does the local stack run? `npm start` starts it.'
      : 'Is the address right (--endpoint, SLUICE_ENDPOINT), and the network up?';
    return { exit: EXIT.failed, code: 'no_answer', message, hint };
  }
  if (error instanceof SignInError) return { exit: EXIT.failed, code: 'sign_in_refused', message };
  if (error instanceof StorageError) return { exit: EXIT.failed, code: `s3_${error.code}`, message };
  if (error instanceof SluiceError) return { exit: EXIT.failed, code: 'failed', message };
  // Nothing that is expected: whoever mends it needs to know where.
  const trace = error instanceof Error ? (error.stack ?? message) : message;
  return { exit: EXIT.failed, code: 'unexpected', message: `This is a fault of sluice itself.\n${trace}` };
}

/** A failed call to S3: its class, what S3 called it, and what to do by the table of the connection layer. */
function fromConnection(error: ConnectionError, message: string, local: boolean): Report {
  const { name, code, httpStatus, serviceCode, requestId } = error;
  const said = [httpStatus, serviceCode].filter((one) => one !== undefined).join(' ');
  const isLost = local && (code === 'no-credentials' || code === 'no-region');
  return {
    exit: EXIT.failed,
    code,
    message: `${name}${said && ` (${printable(said)})`}: ${message}`,
    hint: isLost ? `${adviceFor(error)} Or use the local stack: add --local.` : adviceFor(error),
    ...(requestId && { requestId: printable(requestId) }),
  };
}

function fromProblem({ problem }: ProblemError, message: string, local: boolean): Report {
  const { code, field, requestId } = problem;
  const usual = (local ? LOCAL_HINTS[code] : undefined) ?? HINTS[code];
  const hint = code === 'internal' ? `The log tells more under request ${requestId}.` : usual;
  return {
    exit: EXIT.failed,
    code: printable(code),
    message,
    ...(hint !== undefined && { hint }),
    ...(field !== undefined && { field: printable(field) }),
    ...(requestId && { requestId: printable(requestId) }),
  };
}
