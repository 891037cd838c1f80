import { type PartTypes, parsePartTypes } from './content-types-part.ts';
import type { ZipDirectory } from './zip-directory.ts';

const OOXML = 'application/vnd.openxmlformats-officedocument';
const WORD = 'application/vnd.ms-word';
const EXCEL = 'application/vnd.ms-excel';
const POWERPOINT = 'application/vnd.ms-powerpoint';

/** The type of a package by the type of its main part, both in lower case: without macros, then with them. */
const BY_MAIN_PART: ReadonlyMap<string, string> = new Map(
  [
    [`${OOXML}.wordprocessingml.document`, `${OOXML}.wordprocessingml.document.main+xml`],
    [`${OOXML}.wordprocessingml.template`, `${OOXML}.wordprocessingml.template.main+xml`],
    [`${OOXML}.spreadsheetml.sheet`, `${OOXML}.spreadsheetml.sheet.main+xml`],
    [`${OOXML}.spreadsheetml.template`, `${OOXML}.spreadsheetml.template.main+xml`],
    [`${OOXML}.presentationml.presentation`, `${OOXML}.presentationml.presentation.main+xml`],
    [`${OOXML}.presentationml.template`, `${OOXML}.presentationml.template.main+xml`],
    [`${OOXML}.presentationml.slideshow`, `${OOXML}.presentationml.slideshow.main+xml`],
    [`${WORD}.document.macroenabled.12`, `${WORD}.document.macroenabled.main+xml`],
    [`${WORD}.template.macroenabled.12`, `${WORD}.template.macroenabledtemplate.main+xml`],
    [`${EXCEL}.sheet.macroenabled.12`, `${EXCEL}.sheet.macroenabled.main+xml`],
    [`${EXCEL}.template.macroenabled.12`, `${EXCEL}.template.macroenabled.main+xml`],
    [`${EXCEL}.addin.macroenabled.12`, `${EXCEL}.addin.macroenabled.main+xml`],
    [`${EXCEL}.sheet.binary.macroenabled.12`, `${EXCEL}.sheet.binary.macroenabled.main`],
    [`${POWERPOINT}.presentation.macroenabled.12`, `${POWERPOINT}.presentation.macroenabled.main+xml`],
    [`${POWERPOINT}.template.macroenabled.12`, `${POWERPOINT}.template.macroenabled.main+xml`],
    [`${POWERPOINT}.slideshow.macroenabled.12`, `${POWERPOINT}.slideshow.macroenabled.main+xml`],
    [`${POWERPOINT}.addin.macroenabled.12`, `${POWERPOINT}.addin.macroenabled.main+xml`],
  ].map(([type = '', main = '']) => [main, type] as const),
);

/** The type of a package that has macros although its main part says that it has none. */
const WITH_MACROS: Readonly<Record<string, string>> = {
  [`${OOXML}.wordprocessingml.document`]: `${WORD}.document.macroenabled.12`,
  [`${OOXML}.wordprocessingml.template`]: `${WORD}.template.macroenabled.12`,
  [`${OOXML}.spreadsheetml.sheet`]: `${EXCEL}.sheet.macroenabled.12`,
  [`${OOXML}.spreadsheetml.template`]: `${EXCEL}.template.macroenabled.12`,
  [`${OOXML}.presentationml.presentation`]: `${POWERPOINT}.presentation.macroenabled.12`,
  [`${OOXML}.presentationml.template`]: `${POWERPOINT}.template.macroenabled.12`,
  [`${OOXML}.presentationml.slideshow`]: `${POWERPOINT}.slideshow.macroenabled.12`,
};

// Visual Basic, and the macro sheets of Excel 4.
const MACRO_TYPE = /vbaproject|macroenabled|macrosheet/;
const MACRO_PART = /(?:^|\/)vba(?:project(?:signature\w*)?\.bin|data\.xml)$|(?:^|\/)macrosheets\//i;

/** The part that gives the types of all the others. */
export const CONTENT_TYPES_PART = '[Content_Types].xml';

/** True for a type whose files carry macros. */
export function hasMacros(type: string): boolean {
  return type.includes('.macroenabled.');
}

/** True for a type that an Office package can be. */
export function isOfficePackage(type: string): boolean {
  return type.startsWith(`${OOXML}.`) || hasMacros(type);
}

/**
 * The type of an Office Open XML package, by the content types of its parts; undefined if they give none, or
 * two. A package that contains a macro has a type with macros, whatever its main part says.
 */
export function toOfficeType(directory: ZipDirectory, contentTypes: Uint8Array): string | undefined {
  const parts = parsePartTypes(contentTypes);
  if (parts === undefined) return undefined;
  const types = typesOf(directory, parts);
  const mains = new Set([...types].flatMap((type) => BY_MAIN_PART.get(type) ?? []));
  const [main] = mains;
  if (main === undefined || mains.size > 1) return undefined;
  const hasMacro =
    [...types].some((type) => MACRO_TYPE.test(type)) ||
    directory.entries.some(({ name }) => MACRO_PART.test(name.replaceAll('\\', '/')));
  return (hasMacro ? WITH_MACROS[main] : undefined) ?? main;
}

/**
 * A type for an extension that no part has means nothing: some writers name macros there for files without
 * any.
 */
function typesOf({ entries }: ZipDirectory, parts: PartTypes): ReadonlySet<string> {
  return new Set([...entries.flatMap(({ name }) => parts.typeOf(name) ?? []), ...parts.named]);
}
