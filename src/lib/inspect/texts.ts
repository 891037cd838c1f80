import { createCsvReader } from './csv.ts';
import { readUtf8 } from './encodings.ts';
import type { Inspector } from './file.ts';
import { createJsonReader } from './json-reader.ts';
import type { TextReader } from './text-reader.ts';

const JSON_TYPE = /[/+]json$/;
const ANY_TEXT: TextReader = { read: () => true, end: () => ({}) };

/** Reads a text to its end: its encoding, and the form of CSV, TSV, JSON and NDJSON. */
export const inspectText: Inspector = async (file) => {
  const reader = readerFor(file.type);
  const text = readUtf8(file);
  for await (const chunk of text.chunks()) {
    if (!reader.read(chunk)) break;
  }
  const flaw = text.flaw();
  const facts = reader.end(flaw !== undefined);
  return {
    facts: { encoding: text.charset(), ...facts, ...(flaw !== undefined && { malformed: flaw }) },
  };
};

function readerFor(type: string): TextReader {
  if (type === 'text/csv') return createCsvReader();
  if (type === 'text/tab-separated-values') return createCsvReader('\t');
  if (type === 'application/x-ndjson') return createJsonReader({ isByLine: true });
  return JSON_TYPE.test(type) ? createJsonReader({ isByLine: false }) : ANY_TEXT;
}
