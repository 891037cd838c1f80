/**
 * The name that a part of a path may stand for. API Gateway decodes it before a function sees it, others that
 * speak its events do not; a name that holds a percent sign itself is found either way.
 */
export function namesIn(segment: string): readonly string[] {
  try {
    return [...new Set([segment, decodeURIComponent(segment)])];
  } catch {
    return [segment];
  }
}
