import type { NamedPolicy } from '@sluice/client/resource';

/** A small honest file that a policy takes, and how to write a dishonest one that looks like it. */
export type Sample = {
  readonly policy: string;
  readonly name: string;
  readonly type: string;
  readonly content: string;
  /** Whether a checksum has to be declared. */
  readonly needsChecksum: boolean;
};

/** Types that are text, so that a file of any length is made by repeating a line. */
const LINES: readonly (readonly [type: string, extension: string, line: string])[] = [
  ['text/csv', 'csv', 'checked,by\nsluice,check\n'],
  ['text/plain', 'txt', 'Written by `sluice check`, which deletes it again.\n'],
  ['text/markdown', 'md', 'Written by `sluice check`, which deletes it again.\n'],
  ['application/x-ndjson', 'ndjson', '{"by":"sluice check"}\n'],
];

/** No policy is asked for more than this. */
const MAX_BYTES = 2 ** 20;

/** Finds something to send among what the policies take; undefined when they take no text. */
export function chooseSample(policies: readonly NamedPolicy[]): Sample | undefined {
  for (const [type, extension, line] of LINES) {
    const policy = policies.find(
      ({ types, minBytes, maxBytes }) =>
        types.includes(type) && minBytes <= MAX_BYTES && maxBytes >= line.length,
    );
    if (policy === undefined) continue;
    const { name, minBytes, checksum } = policy;
    return {
      policy: name,
      name: `sluice-check.${extension}`,
      type,
      content: line.repeat(Math.max(1, Math.ceil(minBytes / line.length))),
      needsChecksum: checksum === 'required',
    };
  }
  return undefined;
}
