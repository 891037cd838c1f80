import { badDeployment } from './bad-deployment.ts';
import { deadLetters } from './dead-letters.ts';
import type { Drill } from './drill.ts';
import { erasure } from './erasure.ts';
import { flood } from './flood.ts';
import { keyRotation } from './key-rotation.ts';
import { lostNotification } from './lost-notification.ts';
import { lostTable } from './lost-table.ts';
import { orphans } from './orphans.ts';
import { retention } from './retention.ts';
import { stuckVerification } from './stuck-verification.ts';
import { upgrade } from './upgrade.ts';
import { whoRead } from './who-read.ts';
import { wronglyRejected } from './wrongly-rejected.ts';

/** Every drill, in the order in which they are made. */
export const DRILLS: readonly Drill[] = [
  lostNotification,
  stuckVerification,
  deadLetters,
  orphans,
  wronglyRejected,
  erasure,
  whoRead,
  flood,
  badDeployment,
  lostTable,
  keyRotation,
  retention,
  upgrade,
];
