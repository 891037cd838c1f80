/** Something that may be replaced while an instance lives, such as a secret. */
export type Held<Value> = {
  /**
   * The value as it was within the last minutes (`freshMs`). Where that is not enough for what it is wanted
   * for, it is fetched again, so that a replacement has its effect at once for whoever meets it first. After
   * a fetch that failed, nobody fetches for two seconds: who needs the value gets the same error.
   * @param isEnough whether what is held serves
   */
  get(isEnough?: (value: Value) => boolean): Promise<Value>;
};

export type HeldDeps<Value> = {
  readonly fetch: () => Promise<Value>;
  readonly now: () => number;
  /** hears of a fetch that failed while what is held could stand in */
  readonly onFailure: (error: unknown) => void;
  /** how long a value serves before it is fetched again; five minutes if absent */
  readonly freshMs?: number;
  /** how long it serves where nothing can be fetched; fifteen minutes if absent */
  readonly staleMs?: number;
};

const FRESH_MS = 5 * 60_000;
// Where nothing can be fetched, what is held serves a while longer. Not for good: what was taken back has to
// end.
const STALE_MS = 15 * 60_000;
// Anybody can ask for what no value is enough for, and none of them may have it fetched on every call.
const ASK_AGAIN_AFTER_MS = 10_000;
// What has just failed fails again. Each call would wait for that, and AWS counts those that fail, too.
const PAUSE_MS = 2_000;

/** Keeps a value for as long as its replacement may take to have an effect. Make it once, at module scope. */
export function createHeld<Value>({
  fetch,
  now,
  onFailure,
  freshMs = FRESH_MS,
  staleMs = STALE_MS,
}: HeldDeps<Value>): Held<Value> {
  let held: { readonly value: Value; readonly fetchedAt: number } | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  let fetching: Promise<Value> | undefined;

  const recentFailure = () => (failed !== undefined && now() - failed.at < PAUSE_MS ? failed : undefined);
  const fetchOnce = (): Promise<Value> => {
    // Calls that come while it is being fetched wait for the same answer.
    fetching ??= fetchNow().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const fetchNow = async (): Promise<Value> => {
    const recent = recentFailure();
    if (recent) throw recent.error;
    const fetchedAt = now();
    try {
      const value = await fetch();
      held = { value, fetchedAt };
      failed = undefined;
      return value;
    } catch (error) {
      // It may have taken longer to fail than the pause is.
      failed = { error, at: now() };
      throw error;
    }
  };

  return {
    async get(isEnough = () => true) {
      if (held === undefined) return fetchOnce();
      const { value, fetchedAt } = held;
      const age = now() - fetchedAt;
      const serves = isEnough(value);
      if (age < freshMs && (serves || age < ASK_AGAIN_AFTER_MS)) return value;
      const standsIn = serves && age < staleMs;
      if (standsIn && recentFailure()) return value;
      try {
        return await fetchOnce();
      } catch (error) {
        if (!standsIn) throw error;
        onFailure(error);
        return value;
      }
    },
  };
}
