/** What of a bucket is set up by a call of its own. */
export const ASPECTS = [
  'public-access',
  'encryption',
  'versioning',
  'object-lock',
  'policy',
  'cors',
  'lifecycle',
  'notifications',
] as const;

export type Aspect = (typeof ASPECTS)[number];
