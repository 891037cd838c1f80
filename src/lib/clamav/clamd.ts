import type { ClamdAddress } from './address.ts';
import { converse } from './conversation.ts';
import { ClamdFailed, IncompleteContent } from './faults.ts';
import { CLAMD_PATIENCE, type ClamdPatience } from './limits.ts';
import { type Judgement, parseReply } from './parse-reply.ts';

/** A clamd that judges files. Every call has a connection of its own. */
export type Clamd = {
  /**
   * Has the bytes of one file judged. They are sent as they come, no faster than clamd takes them, and not
   * kept.
   * @param size how many there are; with fewer or more there is no judgement
   * @throws ClamdFailed, IncompleteContent; what `content` throws; the reason of the signal
   */
  readonly scan: (
    content: AsyncIterable<Uint8Array>,
    size: number,
    signal: AbortSignal,
  ) => Promise<Judgement>;
  /** Returns when clamd answers. @throws ClamdFailed */
  readonly ping: (signal: AbortSignal) => Promise<void>;
  /** The versions of the program and of its signatures, in clamd's words. @throws ClamdFailed */
  readonly version: (signal: AbortSignal) => Promise<string>;
};

/** A clamd by its address. Make it once, at module scope. */
export function createClamd(address: ClamdAddress, patience: ClamdPatience = CLAMD_PATIENCE): Clamd {
  const ask = (command: string, signal: AbortSignal) =>
    converse(address, patience, patience.stallMs, signal, ({ send }) => send(toCommand(command)));

  return {
    async scan(content, size, signal) {
      let sent = 0;
      let isWhole = false;
      const reply = await converse(address, patience, patience.verdictMs, signal, async (conversation) => {
        await conversation.send(toCommand('INSTREAM'));
        for await (const bytes of content) {
          if (conversation.isAnswered()) break;
          // A frame without bytes is the end of the file.
          if (bytes.length === 0) continue;
          sent += bytes.length;
          if (sent > size) break;
          await conversation.send(toLength(bytes.length), bytes);
        }
        if (conversation.isAnswered()) return;
        if (sent !== size) throw new IncompleteContent(sent, size);
        isWhole = true;
        await conversation.send(toLength(0));
      });
      const judgement = parseReply(reply);
      if (judgement.outcome === 'clean' && !isWhole) {
        throw new ClamdFailed('found a file clean before it had all of it');
      }
      return judgement;
    },

    async ping(signal) {
      const reply = await ask('PING', signal);
      if (reply !== 'PONG') throw new ClamdFailed('does not answer PING with PONG');
    },

    version: (signal) => ask('VERSION', signal),
  };
}

/** Commands and answers that begin with a z end with a NUL, and so can be told to be whole. */
function toCommand(name: string) {
  return Buffer.from(`z${name}\0`, 'latin1');
}

/** The length of what follows, as clamd reads it. */
function toLength(bytes: number) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
