import type { Exceeded, InspectionLimits } from './file.ts';

/** The first limit that one of these numbers exceeds. */
export function toExcessOf(
  limits: InspectionLimits,
  found: Readonly<Partial<InspectionLimits>>,
): Exceeded | undefined {
  for (const [name, value] of Object.entries(found)) {
    const limit = name as keyof InspectionLimits;
    if (value > limits[limit]) return { limit, found: value, most: limits[limit] };
  }
  return undefined;
}
