/** Calls back at intervals, until what it gives is called. */
export function every() {
  return (ms: number, run: () => void) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  };
}
