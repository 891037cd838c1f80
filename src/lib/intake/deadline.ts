/**
 * A signal that aborts after so many milliseconds, for as long as it is in use. `AbortSignal.timeout` keeps
 * its timer until that fires: a warm function would collect one for every batch.
 */
export function createDeadline(ms: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('the time of this batch is over', 'TimeoutError'));
  }, ms);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
