import { connect } from 'node:net';

/**
 * INSTREAM as the shortest program would speak it: nothing is checked, and nothing bounds the time. What
 * clamd answers, without the NUL.
 */
export function bareScan(port: number, pieces: Iterable<Uint8Array>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, async () => {
      socket.write('zINSTREAM\0');
      for (const piece of pieces) {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(piece.length);
        socket.write(length);
        if (!socket.write(piece)) await new Promise((drained) => socket.once('drain', drained));
      }
      socket.write(Buffer.alloc(4));
    });
    let answer = '';
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString();
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(answer.replace('\0', '')));
  });
}
