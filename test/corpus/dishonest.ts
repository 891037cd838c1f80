import { CONFUSIONS } from './confusions.ts';
import { DISGUISES } from './disguises.ts';
import type { DishonestFile } from './dishonest-file.ts';
import { HOLLOW } from './hollow.ts';
import { POLYGLOTS } from './polyglots.ts';
import { PROGRAMS } from './programs.ts';

/** Files that are not, or not only, what their uploader says they are. */
export const DISHONEST: readonly DishonestFile[] = [
  ...DISGUISES,
  ...POLYGLOTS,
  ...PROGRAMS,
  ...CONFUSIONS,
  ...HOLLOW,
];
