import type { ContentType } from '@sluice/contract/content-types';

/**
 * True if a text begins like markup, after byte order marks and white space: `<!`, `<?`, `</` or `<` and a
 * letter. Browsers look there when they guess that a file is HTML (WHATWG MIME Sniffing, section 7.1).
 * @param text decoded, or, if the bytes are not text, one character for each byte
 */
export function beginsAsMarkup(text: string): boolean {
  return /^(?:\xef\xbb\xbf|[\s\ufeff])*<[!?/a-z]/i.test(text);
}

const PROLOG = /^(?:\s|<\?xml[^>]*\?>|<!--.*?-->|<!doctype\s[^>[]*(?:\[[^\]]*\]\s*)?>)*/is;

/**
 * The markup types that a text can be taken for, the most specific one first; none for scripts such as PHP.
 */
export function toMarkupTypes(text: string): readonly ContentType[] {
  const rest = text.slice(PROLOG.exec(text)?.[0].length ?? 0);
  const root = /^<(?:[a-z][\w.-]*:)?([a-z][\w.-]*)/i.exec(rest)?.[1]?.toLowerCase();
  const isXml = /^\s*<\?xml/i.test(text);
  if (root === 'svg') return ['image/svg+xml', 'application/xml'];
  // XHTML 1.0 was made to be served as HTML too (its appendix C), and most of it is.
  if (root === 'html' && isXml) return ['application/xhtml+xml', 'text/html', 'application/xml'];
  if (root === 'html' || /^\s*<!doctype\s+html/i.test(text)) return ['text/html'];
  if (isXml) return ['application/xml'];
  // A fragment of HTML and an XML document without a declaration look the same.
  return root === undefined ? [] : ['text/html', 'application/xml'];
}
