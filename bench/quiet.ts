/**
 * Runs something whose log lines are made and handed over, but not written: what a terminal takes is nobody's
 * here.
 */
export async function quietly<T>(run: () => Promise<T>): Promise<{ result: T; loggedBytes: number }> {
  let loggedBytes = 0;
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  for (const { stream } of streams) {
    stream.write = (chunk: string | Uint8Array) => {
      loggedBytes += chunk.length;
      return true;
    };
  }
  try {
    return { result: await run(), loggedBytes };
  } finally {
    for (const { stream, write } of streams) stream.write = write;
  }
}
