import { isPosition, type Position, timeOf } from './position.ts';

/** Where a reader of the feed goes on. */
export type FeedCursor = {
  readonly after: Position;
  /** in milliseconds since the epoch: of what was written before, only what also happened later is wanted */
  readonly since?: number;
};

/** A cursor as a reader keeps it: text that says nothing to it. */
export function toCursorText({ after, since }: FeedCursor): string {
  const text = since === undefined || timeOf(after) >= since ? after : `${after}~${since}`;
  return Buffer.from(text).toString('base64url');
}

/** The cursor in a text that `toCursorText` wrote; undefined for any other. */
export function parseFeedCursor(text: string): FeedCursor | undefined {
  const [after = '', since, ...more] = Buffer.from(text, 'base64url').toString('latin1').split('~');
  if (!isPosition(after) || more.length > 0) return undefined;
  if (since === undefined) return { after };
  return /^\d{1,15}$/.test(since) ? { after, since: Number(since) } : undefined;
}
