/** Something that was signed, and when its signature ends. */
export type Signed<T> = { readonly value: T; readonly expiresAt: string };

/** What was signed last, for as long as it is good. */
export type Lasting<T> = {
  readonly current: () => T | undefined;
  /** Has it signed again. Those who ask at the same time share a call. */
  readonly renewed: () => Promise<T>;
};

/** Holds what is signed for a while and wanted for longer. */
export function createLasting<T>(
  sign: () => Promise<Signed<T>>,
  first: Signed<T> | undefined,
  now: () => number,
): Lasting<T> {
  const toHeld = ({ value, expiresAt }: Signed<T>) => {
    const end = Date.parse(expiresAt);
    // A clock that is ahead would have everything ended at once: then it is S3 that tells when it has.
    return { value, endsAt: end > now() ? end : Number.POSITIVE_INFINITY };
  };
  let held = first && toHeld(first);
  let signing: Promise<T> | undefined;
  return {
    current: () => (held !== undefined && now() < held.endsAt ? held.value : undefined),
    renewed: () => {
      signing ??= sign()
        .then((signed) => {
          held = toHeld(signed);
          return held.value;
        })
        .finally(() => {
          signing = undefined;
        });
      return signing;
    },
  };
}
