/**
 * Sections of one shared file by their heading; the keys of a nested block are joined to its name with a dot.
 */
export type Sections = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Parses the INI dialect of AWS as botocore does: `[heading]`, `key = value` or `key: value`, keys in any
 * case, comments after `#` or `;` (in a value only after a blank), and nested blocks, which are a key without
 * a value followed by indented lines. Other lines are skipped. Two sections of the same heading are one,
 * whose later keys win.
 *
 * Every line that begins with a bracket ends the section above it, and so does a comment that is nothing but
 * a heading: the keys below one that cannot be read are nobody's, since as those of the section above they
 * would sign for another account.
 */
export function parseIni(text: string): Sections {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> = {};
  let block = '';
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    if (/^\s*([#;]+\s*)?\[/.test(line)) {
      const isComment = /^\s*[#;]/.test(line);
      if (isComment && !/\]\s*([#;(].*)?$/.test(line)) continue;
      const name = isComment ? undefined : headingOf(line);
      section = (name !== undefined && sections.get(name)) || {};
      if (name !== undefined) sections.set(name, section);
      block = '';
      continue;
    }
    const content = line.replace(/(^|\s)[#;].*$/, '').trimEnd();
    const [, indent, written = '', value] = /^(\s*)([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (value === undefined) continue;
    const key = written.toLowerCase();
    if (indent === '') block = value === '' ? `${key}.` : '';
    if (value !== '') section[indent === '' ? key : `${block}${key}`] = value;
  }
  return sections;
}

/** The name in a heading, whatever follows it; a name with a bracket in it reaches to the last one. */
function headingOf(line: string): string | undefined {
  const [, plain] = /^\s*\[([^\]]+)\]\s*(?:[#;].*)?$/.exec(line) ?? [];
  return (plain ?? /^\s*\[(.+)\]/.exec(line)?.[1])?.trim() || undefined;
}

/** Sections by kind and name, as headings of the config file say them: `[profile "a b"]` is `profile a b`. */
export function byKind(sections: Sections): Sections {
  const named = new Map<string, Record<string, string>>();
  for (const [heading, keys] of sections) {
    const name = heading.replace(/^([\w-]+)\s+(?:"(.*)"|'(.*)'|(.*))$/, (_all, kind, ...names) => {
      return `${kind} ${names.slice(0, 3).find((one) => one !== undefined)}`;
    });
    named.set(name, { ...named.get(name), ...keys });
  }
  return named;
}
