/**
 * The bytes before and after a file in a multipart/form-data body. S3 reads the fields in order and takes
 * whatever follows the file for nothing, so the file is last.
 */
export function frameForm(
  fields: Readonly<Record<string, string>>,
  filename: string,
  boundary: string,
): { readonly before: Uint8Array; readonly after: Uint8Array } {
  const part = (name: string, more: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${quote(name)}"${more}\r\n`;
  const texts = Object.entries(fields).map(([name, value]) => `${part(name, '')}\r\n${value}\r\n`);
  const file = `${part('file', `; filename="${quote(filename)}"`)}content-type: application/octet-stream\r\n\r\n`;
  const encoder = new TextEncoder();
  return { before: encoder.encode(texts.join('') + file), after: encoder.encode(`\r\n--${boundary}--\r\n`) };
}

// As the HTML standard has it; backslashes stay as they are.
function quote(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}
