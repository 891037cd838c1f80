import { eventFeedContract } from '../../contract/event-feed.contract.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';

eventFeedContract('the feed in memory', async () => createMemoryFeed());
