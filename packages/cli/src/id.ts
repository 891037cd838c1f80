import { isId } from '@sluice/client/client';
import { UsageError } from './complaint.ts';
import { printable } from './text.ts';

/** The one id that a command was given. Throws UsageError. */
export function requireId(positionals: readonly string[]): string {
  const [id, ...more] = requireIds(positionals);
  if (id === undefined || more.length > 0) throw new UsageError('One upload at a time, please.');
  return id;
}

/** The ids that a command was given, at least one. Throws UsageError. */
export function requireIds(positionals: readonly string[]): readonly string[] {
  if (positionals.length === 0) throw new UsageError('Which upload? `sluice list` lists their ids.');
  const wrong = positionals.find((text) => !isId(text));
  if (wrong !== undefined) throw new UsageError(`"${printable(wrong)}" is not the id of an upload.`);
  return positionals;
}
