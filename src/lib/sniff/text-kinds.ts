import type { ContentType } from '@sluice/contract/content-types';
import { isGeoJson } from './geojson.ts';
import { isJson, isJsonLines } from './json.ts';
import { isMail } from './mail.ts';
import { hasPdfHeaderLine } from './pdf.ts';
import { isRtf } from './rtf.ts';

// Formats whose files are text, but which programs open that do more than show it.
const PROGRAMS: readonly (readonly [(text: string) => boolean, string])[] = [
  [(text) => /^%PDF-\d\.\d/.test(text), 'application/pdf'],
  [(text) => /^%!(?:PS|\s)/.test(text), 'application/postscript'],
  [isRtf, 'application/rtf'],
  [(text) => /^#![ \t]*\//.test(text), 'text/x-shellscript'],
];

/** Formats whose beginning names them. */
const TOLD: readonly (readonly [RegExp, ContentType])[] = [
  // Some programs keep one event, or one list of free hours, in a file of its own.
  [/^\s*BEGIN:V(?!CARD\s)[A-Z]+\s/i, 'text/calendar'],
  [/^\s*BEGIN:VCARD\s/i, 'text/vcard'],
  [/^WEBVTT(?:\s|$)/, 'text/vtt'],
  [/^\s*\d{1,9}[ \t]*\r?\n-?\d{1,3}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->/, 'application/x-subrip'],
];

const BLANK = /(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|$))*/y;

/** The first line that is not a comment, in formats whose comments begin with `#`. */
function firstLine(text: string, at = 0): string {
  BLANK.lastIndex = at;
  const start = at + (BLANK.exec(text)?.[0].length ?? 0);
  return /[^\r\n]*/.exec(text.slice(start, start + 1_000))?.[0] ?? '';
}

// A document, a list, a list or map on one line, a map. A single word is YAML too, but nobody would call it
// that.
const YAML =
  /^(?:%YAML|---(?:\s|$)|\s*-(?:\s|$)|\s*[[{]|\s*\?\s|\s*(?:"[^"]*"|'[^']*'|[^\s"'#][^#]*?)\s*:(?:\s|$))/;
const KEY = `(?:[\\w-]+|"[^"]*"|'[^']*')`;
const TOML = new RegExp(
  `^\\s*(?:\\[\\[?[^[\\]]+\\]\\]?\\s*(?:#.*)?$|${KEY}(?:\\s*\\.\\s*${KEY})*\\s*=\\s*\\S)`,
);

/**
 * The types that a text can be taken for, the most specific one first. Any text is plain text, Markdown and a
 * table of one column; formats with a structure of their own are checked as far as the text is known.
 */
export function toTextTypes(text: string, isWhole: boolean, isUtf8: boolean): readonly string[] {
  const program = PROGRAMS.find(([is]) => is(text))?.[1];
  if (program !== undefined) return [program];
  const told: readonly ContentType[] = TOLD.flatMap(([opening, type]) => (opening.test(text) ? [type] : []));
  const mail: readonly ContentType[] = isMail(text, isWhole) ? ['message/rfc822'] : [];
  const plain: readonly ContentType[] = [
    ...told,
    ...mail,
    'text/plain',
    'text/markdown',
    'text/csv',
    'text/tab-separated-values',
  ];
  if (!isUtf8) return plain; // RFC 8259, section 8.1: JSON is UTF-8; so are YAML's and TOML's files
  const json: readonly ContentType[] = isJson(text, isWhole) ? ['application/json'] : [];
  const geo: readonly ContentType[] =
    json.length > 0 && isGeoJson(text, isWhole) ? ['application/geo+json'] : [];
  const lines: readonly ContentType[] = isJsonLines(text, isWhole) ? ['application/x-ndjson'] : [];
  const first = firstLine(text);
  const settings: readonly ContentType[] = [
    ...(YAML.test(first) ? (['application/yaml'] as const) : []),
    ...(TOML.test(first) ? (['application/toml'] as const) : []),
  ];
  // What comes before the header of a PDF may be text, and so may the whole PDF.
  const pdf: readonly ContentType[] = hasPdfHeaderLine(text) ? ['application/pdf'] : [];
  // A single number or word is JSON as well, but nobody would call a column of numbers that.
  return /^\s*[[{]/.test(text)
    ? [...json, ...geo, ...lines, ...plain, ...settings]
    : [...plain, ...json, ...lines, ...settings, ...pdf];
}
