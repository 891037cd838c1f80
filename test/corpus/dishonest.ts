import type { ContentType } from '@sluice/contract/content-types';
import type { RejectReason } from '@sluice/contract/verdict';
import { CONFUSIONS } from './confusions.ts';
import { DISGUISES } from './disguises.ts';
import { HOLLOW } from './hollow.ts';
import { POLYGLOTS } from './polyglots.ts';
import { PROGRAMS } from './programs.ts';

export type DishonestFile = {
  readonly name: string;
  readonly declared: ContentType;
  readonly bytes: Uint8Array;
  /** why it is rejected, or `inert`: it truly is of its declared type, under which no browser runs what it hides */
  readonly outcome: RejectReason | 'inert';
};

/** Files that are not, or not only, what their uploader says they are. */
export const DISHONEST: readonly DishonestFile[] = [
  ...DISGUISES,
  ...POLYGLOTS,
  ...PROGRAMS,
  ...CONFUSIONS,
  ...HOLLOW,
];
