import { badDeployment } from './bad-deployment.ts';
import { deadLetters } from './dead-letters.ts';
import type { Drill } from './drill.ts';
import { erasure } from './erasure.ts';
import { lostNotification } from './lost-notification.ts';
import { orphans } from './orphans.ts';
import { stuckVerification } from './stuck-verification.ts';
import { wronglyRejected } from './wrongly-rejected.ts';

/** Every drill, in the order in which they are made. */
export const DRILLS: readonly Drill[] = [
  lostNotification,
  stuckVerification,
  deadLetters,
  orphans,
  wronglyRejected,
  erasure,
  badDeployment,
];
