import type { ContentType } from '@sluice/contract/content-types';
import type { RejectReason } from '@sluice/contract/verdict';

/** A file that is not, or not only, what its uploader says it is. */
export type DishonestFile = {
  readonly name: string;
  readonly declared: ContentType;
  readonly bytes: Uint8Array;
  /**
   * why it is rejected, or `inert`: it truly is of its declared type, under which no browser runs what it
   * hides
   */
  readonly outcome: RejectReason | 'inert';
};

export function file(
  name: string,
  declared: DishonestFile['declared'],
  bytes: Buffer,
  outcome: DishonestFile['outcome'] = 'type_unrecognised',
): DishonestFile {
  return { name, declared, bytes, outcome };
}
