type RoomDeps = {
  /** About how many messages the queue has: those that wait and those in work. */
  readonly countMessages: () => Promise<number>;
  readonly now: () => number;
};

/**
 * What announces rows that are due adds nothing to a queue that has so many messages. A consumer that runs
 * takes them up in a minute or two; behind one that stands still, they are all that is added.
 */
export const MOST_MESSAGES = 100_000;

/** As long as SQS may take until its counts are those of a queue to which nobody sends any more. */
const LOOK_AGAIN_MS = 60_000;

/**
 * The room that a queue has for announcements: `take` says whether there is some for one more message, and
 * takes it. The queue is asked with the first message and once a minute, and in that minute gets no more than
 * it lacked of MOST_MESSAGES. So, however long its consumer stands still, it has that many by announcements
 * at most, or twice that if SQS's counts are a minute old; and gets none while it has as many without them.
 * @param share the part of the room that is this run's, if others run beside it: above 0, and 1 if none do
 */
export function createRoom(
  { countMessages, now }: RoomDeps,
  share = 1,
): { readonly take: () => Promise<boolean> } {
  let room = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const look = async () => {
    const at = now();
    room = Math.max(0, Math.floor((MOST_MESSAGES - (await countMessages())) * share));
    lookedAt = at;
  };
  return {
    async take() {
      if (now() - lookedAt >= LOOK_AGAIN_MS) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      room -= 1;
      return room >= 0;
    },
  };
}
