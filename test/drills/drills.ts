import type { Drill } from './drill.ts';
import { lostNotification } from './lost-notification.ts';

/** Every drill, in the order in which they are made. */
export const DRILLS: readonly Drill[] = [lostNotification];
