/** How a command that waits tells what it waits for. */
export type Telling = { readonly report: (line: string) => void; readonly now: () => number };

const REPORT_EVERY_MS = 60_000;

/** Says a line when it is another one, and else once a minute. */
export function createTeller({ report, now }: Telling): (line: string) => void {
  const since = now();
  let [last, at] = ['', 0];
  return (line) => {
    if (line === last && now() - at < REPORT_EVERY_MS) return;
    [last, at] = [line, now()];
    const seconds = Math.round((at - since) / 1000);
    report(seconds === 0 ? line : `${line} (${seconds} s)`);
  };
}
