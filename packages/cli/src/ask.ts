import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { World } from './world.ts';

/** Asks at a terminal. What is secret is typed unseen. */
export function askAt(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  signal: AbortSignal,
): World['ask'] {
  return async (question, { secret = false } = {}) => {
    output.write(question);
    // readline echoes what is typed to its output, and moves the cursor about in it: a secret gets an output
    // that shows nothing.
    const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input, output: secret ? unseen : output, terminal: true });
    try {
      lines.setPrompt(secret ? '' : question);
      return await lines.question(secret ? '' : question, { signal });
    } finally {
      lines.close();
      if (secret) output.write('\n');
    }
  };
}
