import { toLatin1 } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

const FIELD = /^([!-9;-~]{1,76})[ \t]*:/;
// Fields that a message has, and that hardly appear in other texts with such lines: forms, HTTP, YAML.
const OF_MAIL = new Set(
  'from sender received return-path delivered-to message-id mime-version dkim-signature x-mailer x-received'.split(
    ' ',
  ),
);

/**
 * True if a text begins like an e-mail message (RFC 5322): fields up to an empty line, at least two of them
 * fields of mail.
 * @param isWhole whether the text is complete; if it goes on, its fields may go on too
 */
export function isMail(text: string, isWhole: boolean): boolean {
  const found = new Set<string>();
  // Exports of whole mailboxes put a line of their own first.
  const lines = text.replace(/^From [^\n]*\n/, '').split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    if (line === '' && at > 0) return found.size >= 2;
    if (/^[ \t]/.test(line) && at > 0) continue;
    const name = FIELD.exec(line)?.[1]?.toLowerCase();
    // The last line may be cut off.
    if (name === undefined) return at === lines.length - 1 && !isWhole && found.size >= 2;
    if (OF_MAIL.has(name)) found.add(name);
  }
  return found.size >= 2;
}

/** Reads mail whose body is not UTF-8: its fields are ASCII, and what follows them is ignored. */
export function probeMail({ prefix, isWhole }: Bytes): Signature | undefined {
  return isMail(toLatin1(prefix), isWhole) ? { types: ['message/rfc822'] } : undefined;
}
