import type { ChecksumAlgorithm } from '@sluice/contract/checksum';
import {
  familyOf,
  isKnownType,
  isUtf8Only,
  normaliseContentType,
  toServedType,
} from '@sluice/contract/content-types';
import { type Charset, toEncoding } from '@sluice/contract/encoding';
import { toExactSize } from '@sluice/contract/size-text';
import type { Declaration } from '@sluice/contract/upload';
import type { RejectReason, Verdict } from '@sluice/contract/verdict';
import { hasMacros } from '../sniff/office.ts';
import type { Sniffed } from '../sniff/sniff.ts';
import { type Policy, sizeLimits } from './policy.ts';

/** What is known of an object that has arrived. */
export type Facts = {
  /** bytes */
  readonly size: number;
  /** of the whole object, as recorded by the store or computed from the bytes */
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
  /** the `Content-Encoding` that the object was sent with */
  readonly contentEncoding?: string;
  readonly sniffed: Sniffed;
};

/**
 * Judges an object by its declaration and its policy. It checks, in this order, that the policy exists, the
 * size, the checksum, the encoding and the type; the first check that fails gives the reason. An object is
 * accepted as one type only: the one that was declared, that the bytes can be taken for, and that the policy
 * allows.
 * @param policy the policy as it is now; undefined if it has been removed since the upload was requested
 */
export function decide(declaration: Declaration, policy: Policy | undefined, facts: Facts): Verdict {
  if (policy === undefined)
    return reject('policy_gone', 'The policy of this upload does not exist any more.');
  return (
    judgeSize(declaration, policy, facts.size) ??
    judgeChecksum(declaration, policy, facts.checksums) ??
    judgeEncoding(facts.contentEncoding) ??
    judgeType(normaliseContentType(declaration.contentType), policy, facts)
  );
}

function reject(reason: RejectReason, detail: string): Verdict {
  return { accepted: false, reason, detail };
}

function judgeSize(declaration: Declaration, policy: Policy, size: number): Verdict | undefined {
  if (declaration.size !== undefined && size !== declaration.size) {
    return reject(
      'size_mismatch',
      `Declared as ${toExactSize(declaration.size)}, but the object has ${toExactSize(size)}.`,
    );
  }
  // A declared size was within the limits when the upload was requested, so the policy has changed since.
  const { min, max } = sizeLimits(policy, declaration);
  if (size < min || size > max) {
    return reject(
      'size_mismatch',
      `The object has ${toExactSize(size)}; the policy takes ${toExactSize(min)} to ${toExactSize(max)}.`,
    );
  }
  return undefined;
}

function judgeChecksum(
  { checksum }: Declaration,
  policy: Policy,
  found: Facts['checksums'],
): Verdict | undefined {
  if (checksum === undefined) {
    return policy.checksum === 'required'
      ? reject('checksum_missing', 'The policy now demands a checksum, and none was declared.')
      : undefined;
  }
  const value = found[checksum.algorithm];
  if (value === undefined) {
    return reject('checksum_missing', `The ${checksum.algorithm} checksum of the object is not known.`);
  }
  return value === checksum.value
    ? undefined
    : reject('checksum_mismatch', `The ${checksum.algorithm} checksum is not the declared one.`);
}

/**
 * A reader would decode such an object, and see other bytes than the verified ones. S3 drops the header when
 * it copies, but not every compatible store does.
 */
function judgeEncoding(encoding = 'identity'): Verdict | undefined {
  return encoding === 'identity' || encoding === 'aws-chunked' || encoding === ''
    ? undefined
    : reject('content_encoded', 'The file was sent with a Content-Encoding: send its bytes as they are.');
}

function judgeType(declared: string, policy: Policy, { size, sniffed }: Facts): Verdict {
  if (!isKnownType(declared) || !policy.types.includes(declared)) {
    return reject('type_not_allowed', `The policy does not take ${declared}.`);
  }
  const isText = familyOf(declared) === 'text' || familyOf(declared) === 'markup';
  switch (sniffed.kind) {
    case 'active':
      return sniffed.type === declared
        ? { accepted: true, servedType: toServedType(declared) }
        : reject('active_content', `Declared as ${declared}, but a browser could run it: ${sniffed.found}.`);
    case 'encrypted':
      if (!sniffed.types.includes(declared)) {
        return reject(
          'type_mismatch',
          `Declared as ${declared}, but the file is an Office file with a password.`,
        );
      }
      return policy.encryptedOffice === 'taken'
        ? { accepted: true, servedType: toServedType(declared) }
        : reject(
            'encrypted',
            'The file is an Office file with a password, so that nobody can tell what is in it: save it without one, and upload it again.',
          );
    case 'unrecognised':
      if (sniffed.beginsAs !== undefined) {
        return reject(
          'type_unrecognised',
          `Declared as ${declared}. The file begins as ${sniffed.beginsAs}, but ${sniffed.flaw}.`,
        );
      }
      return isText
        ? reject(
            'text_malformed',
            `Declared as ${declared}, but ${sniffed.flaw}.${size === 0 ? '' : ` ${toRemedy(declared)}`}`,
          )
        : reject('type_unrecognised', `Declared as ${declared}, but the bytes are of no known type.`);
    case 'recognised':
      if (sniffed.charset !== undefined && isText) {
        const flaw = flawOfEncoding(declared, policy, sniffed.charset);
        if (flaw !== undefined) return reject('text_malformed', flaw);
      }
      if (sniffed.type === declared) {
        return { accepted: true, servedType: toServedType(declared, sniffed.charset) };
      }
      return familyOf(declared) === 'text' && familyOf(sniffed.type) === 'text'
        ? reject('text_malformed', `The file is text, but not well-formed ${declared}.`)
        : reject(
            'type_mismatch',
            `Declared as ${declared}, but the bytes are ${hasMacros(sniffed.type) ? 'an Office file with macros, ' : ''}${sniffed.type}.`,
          );
  }
}

function toRemedy(declared: string): string {
  return isUtf8Only(declared) || familyOf(declared) === 'markup'
    ? 'Save it as UTF-8.'
    : 'Save it as UTF-8; in Excel, as “CSV UTF-8”.';
}

function flawOfEncoding(declared: string, policy: Policy, charset: Charset): string | undefined {
  const encoding = toEncoding(charset);
  if (encoding === undefined) return undefined;
  const name = encoding === 'utf-16' ? 'UTF-16' : encoding;
  if (isUtf8Only(declared)) {
    return `Declared as ${declared}, which is UTF-8, but the text is ${name}. ${toRemedy(declared)}`;
  }
  return policy.encodings?.includes(encoding)
    ? undefined
    : `Declared as ${declared}, but the text is ${name}, which the policy does not take. ${toRemedy(declared)}`;
}
