const DRIVE = /^[a-z]:/i;

/** True for a name that may lead out of the folder that it is unpacked to, on some system. */
export function escapes(name: string): boolean {
  return isAbsolute(name) || name.includes('\0') || toSegments(name).includes('..');
}

/** True for a link that points out of the folder that its archive is unpacked to. */
export function linkEscapes(name: string, kind: 'hard' | 'symbolic', target: string): boolean {
  if (kind === 'hard') return escapes(target);
  if (isAbsolute(target) || target.includes('\0')) return true;
  let depth = toSegments(name).length - 1;
  for (const segment of toSegments(target)) {
    depth += segment === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

function isAbsolute(name: string): boolean {
  return /^[/\\]/.test(name) || DRIVE.test(name);
}

/** Windows takes both strokes for the end of a folder. */
function toSegments(name: string): readonly string[] {
  return name.split(/[/\\]/).filter((segment) => segment !== '' && segment !== '.');
}
