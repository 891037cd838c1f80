/** How many uploads one call requests, reads or deletes at most. */
export const BATCH_MAX_UPLOADS = 100;
