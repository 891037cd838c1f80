import { ClamdFailed } from './faults.ts';

/** What clamd says of a file. That it could say nothing is thrown, as ClamdFailed. */
export type Judgement =
  | { readonly outcome: 'clean' }
  | { readonly outcome: 'infected'; readonly threats: readonly string[] }
  /** `detail` is for people */
  | { readonly outcome: 'unsupported'; readonly detail: string };

// Names by which clamd tells, when clamd.conf has it do so, that it did not look at everything.
const LIMIT = /^Heuristics\.Limits\.Exceeded(?:\.(\w+))?/;
const ENCRYPTED = /^Heuristics\.Encrypted\b/;
const MOST_SHOWN = 200;

/**
 * The judgement in clamd's answer to INSTREAM. Only `stream: OK` is clean.
 * @throws ClamdFailed for an error of clamd's, and for what it does not say
 */
export function parseReply(reply: string): Judgement {
  if (reply === 'stream: OK') return { outcome: 'clean' };
  const [, found] = /^stream: (.+) FOUND$/.exec(reply) ?? [];
  if (found !== undefined) return toJudgement(found);
  if (reply === 'INSTREAM size limit exceeded. ERROR') {
    return { outcome: 'unsupported', detail: 'The file is larger than clamd takes (StreamMaxLength).' };
  }
  throw new ClamdFailed(`answered "${toShown(reply)}"`);
}

function toJudgement(name: string): Judgement {
  const limit = LIMIT.exec(name);
  if (limit !== null) {
    const [, which] = limit;
    const named = which === undefined ? '' : ` (${which})`;
    return { outcome: 'unsupported', detail: `There is more in the file than clamd looks at${named}.` };
  }
  if (ENCRYPTED.test(name)) {
    return { outcome: 'unsupported', detail: `There is something encrypted in the file (${toShown(name)}).` };
  }
  return { outcome: 'infected', threats: [toShown(name)] };
}

/** On one line, and cut. */
function toShown(text: string) {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, MOST_SHOWN);
}
