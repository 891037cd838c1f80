import type { ContentType } from '@sluice/contract/content-types';
import type { RejectReason } from '@sluice/contract/verdict';

/** A file that is what its uploader says. */
export type HonestFile = {
  readonly name: string;
  readonly type: ContentType;
  readonly bytes: Uint8Array;
  /** who made it */
  readonly source: string;
};

/** A file that is not, or not only. */
export type DishonestFile = {
  readonly name: string;
  readonly declared: ContentType;
  readonly bytes: Uint8Array;
  /** why it is rejected, or `inert`: it truly is of its declared type, under which no browser runs what it hides */
  readonly outcome: RejectReason | 'inert';
};
