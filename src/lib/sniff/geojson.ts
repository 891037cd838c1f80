const TYPES: ReadonlySet<string> = new Set([
  'FeatureCollection',
  'Feature',
  'GeometryCollection',
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
]);
// Each alternative begins with a character of its own, so that matching is linear.
const TOKEN = /"((?:[^"\\]|\\[\s\S])*)"|[{}[\],:]/g;

/**
 * True for a text that is known to be JSON and is GeoJSON as well (RFC 7946): an object of one of its nine
 * types. If the type has not come yet and the text goes on, it may still come: some writers put it last.
 */
export function isGeoJson(text: string, isWhole: boolean): boolean {
  if (!/^\s*\{/.test(text)) return false;
  let depth = 0;
  let previous = '';
  let key = '';
  for (const [token, string] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token === ':') key = previous;
    else if (depth === 1 && string !== undefined) {
      if (key === 'type') return TYPES.has(string);
      previous = string;
    }
    if (token === ',' && depth === 1) key = '';
  }
  return !isWhole;
}
