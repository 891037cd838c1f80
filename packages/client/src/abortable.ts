/**
 * A promise that whoever waits for it can give up. Rejects with the signal's reason when it aborts first.
 * @param begin begins what is waited for, and returns what undoes that
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  begin: (resolve: (value: T | Promise<T>) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  let leave = () => {};
  return new Promise<T>((resolve, reject) => {
    signal?.throwIfAborted();
    const undo = begin(resolve, reject);
    leave = () => {
      undo();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave);
  }).finally(() => signal?.removeEventListener('abort', leave));
}

/** A signal that aborts as soon as one of two does. */
export function either(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, other]) : other;
}
