import { type Api, createApi } from '@sluice/client/api';
import { UnexpectedAnswerError } from '@sluice/client/errors';
import { EVENT_TYPES, type EventType, type UploadEvent } from '@sluice/contract/event';
import { UsageError } from '../complaint.ts';
import type { GlobalValues } from '../options.ts';
import { findServiceTarget, findTarget } from '../target.ts';
import type { World } from '../world.ts';

/** What to read of the feed. */
export type FeedQuery = {
  readonly since: Date;
  readonly types?: readonly EventType[] | undefined;
  /** whether to wait for more when all has been read */
  readonly follow: boolean;
};

type FeedPage = { readonly events: readonly UploadEvent[]; readonly cursor: string; readonly more: boolean };

const POLL_MS = 2_000;

/** The API as a service: the feed is not for users. */
export async function openFeed(values: GlobalValues, world: World): Promise<Api> {
  const isGiven = values.token !== undefined || Boolean(world.env.SLUICE_TOKEN);
  const { endpoint, token } = await (isGiven ? findTarget : findServiceTarget)(values, world);
  return createApi({ endpoint, token, timing: world.timing });
}

/** The types in the text of `--type`. Throws UsageError. */
export function parseTypes(text: string | undefined): readonly EventType[] | undefined {
  return text?.split(',').map((named) => {
    const type = EVENT_TYPES.find((known) => known === named || known === `upload.${named}`);
    if (type === undefined) throw new UsageError(`--type must be one or more of ${EVENT_TYPES.join(', ')}.`);
    return type;
  });
}

/** Events of the feed, oldest first. An abort ends it between two pages, too. */
export async function* readEvents(
  api: Api,
  { since, types, follow }: FeedQuery,
  { signal, timing }: World,
): AsyncGenerator<UploadEvent> {
  let from: Readonly<Record<string, string>> = { since: since.toISOString() };
  for (;;) {
    signal.throwIfAborted();
    const query = { ...from, limit: 100, type: types?.join(',') };
    const page = await api({ method: 'GET', path: '/events', query, signal });
    if (!isPage(page)) throw new UnexpectedAnswerError(200, 'The address answered, but not with events.');
    yield* page.events;
    from = { after: page.cursor };
    if (page.more) continue;
    if (!follow) return;
    await timing.sleep(POLL_MS, signal);
  }
}

function isPage(value: unknown): value is FeedPage {
  const { events, cursor, more } = Object(value);
  return (
    Array.isArray(events) && events.every(isEvent) && typeof cursor === 'string' && typeof more === 'boolean'
  );
}

function isEvent(value: unknown): value is UploadEvent {
  const { id, type, subject, time, data } = Object(value);
  return [id, type, subject, time].every((text) => typeof text === 'string') && typeof data === 'object';
}
