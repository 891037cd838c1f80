/**
 * Files that are not what their names say, or are broken, most of them on purpose: the fixtures of those who
 * test that such files are found out. They are refused rightly. Each is `source without version` and the end
 * of a path.
 */
const EXCEPTIONS: readonly (readonly [source: string, end: string, reason: string])[] = [
  ['pillow', 'Tests/images/broken.png', 'cut off within its first chunk'],
  ['pillow', 'apng/syntax_num_frames_zero.png', 'a header and an end, and no picture between them'],
  ['pillow-heif', 'heif_corrupted/empty.heic', 'no bytes'],
  ['pillow-heif', 'heif_corrupted/corrupted.heic', 'its tables are overwritten'],
  ['pillow-heif', 'heif_corrupted/corrupted.hif', 'cut off'],
  ['pillow-heif', 'heif_truncated/truncated.heic', 'cut off'],
  ['python-pptx', 'test_files/dummy.mp4', 'a line of text'],
  ['reportlab', '_i_am_actually_a_gif.jpg', 'a GIF'],
  ['reportlab', '_i_am_actually_a_jpeg.gif', 'a JPEG'],
  ['weasyprint', 'resources/really-a-png.svg', 'a PNG'],
  ['weasyprint', 'resources/really-a-svg.png', 'an SVG'],
  ['mutagen', '106-invalid-streaminfo.flac', 'a stream info block of a wrong length'],
  ['mutagen', 'emptyfile.mp3', 'no bytes'],
  ['mutagen', 'truncated-64bit.mp4', 'cut off'],
  ['agate', 'test_newline.json', 'a value per line: NDJSON'],
  ['csvkit', 'testjson_multiline.json', 'a value per line: NDJSON'],
  ['csvkit', 'null_byte.csv', 'holds a zero byte, to see who falls over it'],
  ['fiona', 'collection-pp.txt', 'RFC 8142: JSON values behind record separators'],
  ['fiona', 'sequence-pp.txt', 'RFC 8142: JSON values behind record separators'],
  ['docutils', 'pep_html/template.txt', 'a page in HTML'],
  ['jszip', 'tsconfig.json', 'holds comments'],
  ['pm2', 'types/tsconfig.json', 'holds comments'],
  ['rxjs', 'src/tsconfig.cjs.spec.json', 'a comma before the closing brace'],
  ['pdfkit', 'jsconfig.json', 'holds comments'],
  ['odfpy', 'ODFFile/refresh.txt', 'no bytes, which the shipped policy does not take'],
  ['iso-codes', 'iso_3166-3.xml', 'no bytes'],
  ['pyexcel', '_templates/layout.html', 'a template of Jinja'],
  ['python-docx', 'armstrong/layout.html', 'a template of Jinja'],
  ['reportlab', '_templates/layout.html', 'a template of Jinja'],
  ['reportlab', '_templates/page.html', 'a template of Jinja'],
  ['icalendar', '_templates/404.html', 'a template of Jinja'],
];

function nameOf(source: string): string {
  return source.replace(/(?<=.)(==|@).*$/, '');
}

/** Why a file is expected to be refused; undefined for an honest one. */
export function exceptionOf({
  source,
  path,
}: {
  readonly source: string;
  readonly path: string;
}): string | undefined {
  return EXCEPTIONS.find(([name, end]) => nameOf(source) === name && path.endsWith(end))?.[2];
}
