// GET /events?after=&since=&type=&tenant=&limit=: what happened to uploads, oldest first, for services.

import { entryPoint } from '../lib/entry.ts';
import { toCursorText } from '../lib/event/cursor.ts';
import type { EventFeed } from '../lib/event/ports.ts';
import { readFeed } from '../lib/event/read-feed.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseFeed } from '../lib/http/parse-feed.ts';
import { eventFeed, eventRetentionInSeconds } from '../lib/wiring/events.ts';

type Deps = {
  readonly feed: Pick<EventFeed, 'read'>;
  readonly now: () => number;
  readonly retentionInSeconds: number;
};

export function createHandler(deps: Deps) {
  return httpFunction({ service: 'events' }).handler(async ({ queryStringParameters, caller }) => {
    const { events, cursor, more } = await readFeed(deps, parseFeed(queryStringParameters, caller));
    return json(200, { events, cursor: toCursorText(cursor), more });
  });
}

export const handler = entryPoint(createHandler, {
  feed: eventFeed,
  now: () => Date.now,
  retentionInSeconds: eventRetentionInSeconds,
});
