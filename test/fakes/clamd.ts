import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a clamd does with the file of one connection, once it has all of it. */
export type Behaviour = (bytes: Buffer, socket: Socket) => void;

/** What came down one connection. */
export type Heard = { readonly command: string; readonly frames: readonly number[]; readonly bytes: Buffer };

type Wanted = {
  /** a NUL is put at its end; nothing is answered by default */
  readonly answer?: string;
  /** in place of an answer */
  readonly behave?: Behaviour;
  /** answers when so many bytes of a file have come, and hangs up */
  readonly limit?: { readonly bytes: number; readonly answer: string };
  /** done with each connection, before anything of it is read */
  readonly onConnection?: (socket: Socket) => void;
};

/** A server that speaks as clamd does, as far as it is told to, and remembers what it heard. */
export async function startFakeClamd({ answer, behave, limit, onConnection }: Wanted) {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // who hangs up in the middle does so on purpose
    socket.on('close', () => sockets.delete(socket));
    onConnection?.(socket);
    let received = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const { isWhole, ...conversation } = parse(received);
      if (limit !== undefined && conversation.bytes.length > limit.bytes) {
        socket.end(`${limit.answer}\0`);
        socket.destroySoon();
        return;
      }
      if (!isWhole) return;
      heard.push(conversation);
      if (behave !== undefined) behave(conversation.bytes, socket);
      else if (answer !== undefined) socket.end(`${answer}\0`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    heard,
    connections: () => sockets.size,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The command, and the frames of a file as far as they have come. */
function parse(received: Buffer): Heard & { readonly isWhole: boolean } {
  const end = received.indexOf(0);
  const command = received.subarray(0, Math.max(end, 0)).toString('latin1');
  const [frames, pieces]: [number[], Buffer[]] = [[], []];
  const toHeard = (isWhole: boolean) => ({ command, frames, bytes: Buffer.concat(pieces), isWhole });
  if (end < 0 || command !== 'zINSTREAM') return toHeard(end >= 0);
  for (let at = end + 1; at + 4 <= received.length; ) {
    const length = received.readUInt32BE(at);
    if (length === 0) return toHeard(true);
    frames.push(length);
    pieces.push(received.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return toHeard(false);
}
