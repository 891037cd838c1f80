/** Something that may be replaced while an instance lives, such as a secret. */
export type Held<Value> = {
  /**
   * The value as it was within the last minutes (`freshMs`). Where that is not enough for what it is wanted
   * for, it is fetched again, so that a replacement has its effect at once for whoever meets it first.
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

/** Keeps a value for as long as its replacement may take to have an effect. Make it once, at module scope. */
export function createHeld<Value>({
  fetch,
  now,
  onFailure,
  freshMs = FRESH_MS,
  staleMs = STALE_MS,
}: HeldDeps<Value>): Held<Value> {
  let held: { readonly value: Value; readonly fetchedAt: number } | undefined;
  let fetching: Promise<Value> | undefined;

  const fetchOnce = (): Promise<Value> => {
    // Calls that come while it is being fetched wait for the same answer.
    fetching ??= fetchNow().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const fetchNow = async (): Promise<Value> => {
    const fetchedAt = now();
    const value = await fetch();
    held = { value, fetchedAt };
    return value;
  };

  return {
    async get(isEnough = () => true) {
      if (held === undefined) return fetchOnce();
      const { value, fetchedAt } = held;
      const age = now() - fetchedAt;
      const serves = isEnough(value);
      if (age < freshMs && (serves || age < ASK_AGAIN_AFTER_MS)) return value;
      try {
        return await fetchOnce();
      } catch (error) {
        if (!serves || age >= staleMs) throw error;
        onFailure(error);
        return value;
      }
    },
  };
}
