import { isRunning } from '@sluice/contract/running-names';
import { startsWith, viewOf } from '../sniff/bytes.ts';

/** True for the name, without folders, of what runs on some system. */
export function isRunningName(name: string): boolean {
  // Windows leaves out dots and blanks at the end.
  const file = name.slice(name.search(/[^/\\]*$/)).replace(/[. ]+$/, '');
  const dot = file.lastIndexOf('.');
  return dot !== -1 && isRunning(file.slice(dot + 1).toLowerCase());
}

const MARKS = [
  '\x7fELF',
  // macOS, of 32 and 64 bits in either order, and of several processors; Java classes begin like the last
  '\xfe\xed\xfa\xce',
  '\xfe\xed\xfa\xcf',
  '\xce\xfa\xed\xfe',
  '\xcf\xfa\xed\xfe',
  '\xca\xfe\xba\xbe',
  // WebAssembly, Android, links and help of Windows
  '\0asm',
  'dex\n03',
  'L\0\0\0\x01\x14\x02\0',
  'ITSF\x03',
] as const;

/** True for the first bytes of a program or a script. */
export function isProgram(head: Uint8Array): boolean {
  return MARKS.some((mark) => startsWith(head, mark)) || isScript(head) || isDosProgram(head);
}

function isScript(head: Uint8Array): boolean {
  return startsWith(head, '#!') || startsWith(head, '\xef\xbb\xbf#!');
}

/** A text may begin with the same two letters; a program has numbers after them. */
function isDosProgram(head: Uint8Array): boolean {
  if (!startsWith(head, 'MZ') && !startsWith(head, 'ZM')) return false;
  if (head.length < 64) return head.includes(0);
  const at = viewOf(head).getUint32(60, true);
  return (
    ['PE\0\0', 'NE', 'LE', 'LX'].some((mark) => startsWith(head, mark, at)) ||
    head.subarray(2, 64).includes(0)
  );
}
