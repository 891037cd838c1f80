// Brands as registered at mp4ra.org, and others that cameras and programs write.
const HEVC_PICTURE = /^he(?:i[cxms]|v[cxms])$/;
const AV1_PICTURE = /^avi[fs]$/;
const ANY_PICTURE = /^(?:mif[123]|msf1)$/;
const OTHER_PICTURE = /^(?:vvi[cs]|evb[is]|avc[is]|j2k[is]|jpe[g]|jpgs|ucif|unif)$/;
const QUICKTIME = /^(?:qt {2}|mqt )$/;
const SOUND = /^(?:M4[ABP] |F4[AB] |aax |aaxc)$/;
const MOBILE = /^3g[eghprst]/;
const MOBILE_2 = /^3g2/;
const FILM = new RegExp(
  `^(?:${[
    'iso[m2-9a-d]|mp4[12]|mp71|avc[13]|hvc1|hev1|av01|vp0[89]|[Oo]pus|iamf|dby1',
    'M4V[ HP]|F4[VP] |f4v |MSNV|ND[SX][CHMPS]|NDAS|XAVC|mmp4|mp21|KDDI|kddi|isml|ism[tv]|piff|ccff',
    'dash|dsms|msdh|msix|risx|lmsg|sims|cmf[cfs2]|hlsf|ifs[dsm]|ca[a-z][a-z0-9]|im1[ti]|wvtt|sdsm',
    'CAEP|caqv|pana|niko|MPPI|SDV |sdv |ROSS|da[0-3][abx]|dmb1|dv[0-9rt][0-9ab]|ssc[12]|isc2|roku|mfsm|nvr1',
  ].join('|')})$`,
);

const SISTERS = ['video/mp4', 'audio/mp4', 'video/quicktime', 'video/3gpp', 'video/3gpp2'] as const;

/**
 * The types of an ISO base media file by its brands, the narrowest first; none for brands of other formats.
 * The major brand decides, or the compatible ones if it is unknown. Films and sounds of the sister formats
 * are made of the same boxes, and count as each other.
 * @param fields the major brand, its version, and the compatible brands
 */
export function toBrandTypes(fields: readonly string[]): readonly string[] {
  const [major = '', version = '', ...compatible] = fields;
  const all = [major, ...compatible];
  if (isPicture(major)) return toPictureTypes(major === 'mif3' ? [...all, version] : all);
  const narrowest = toFilmType(major);
  if (narrowest !== undefined) return first(narrowest);
  if (compatible.some(isPicture)) return toPictureTypes(all);
  const sister = compatible.flatMap((brand) => toFilmType(brand) ?? [])[0];
  return sister === undefined ? [] : first(sister);
}

function first(type: string): readonly string[] {
  return [type, ...SISTERS.filter((sister) => sister !== type)];
}

function isPicture(brand: string): boolean {
  return [HEVC_PICTURE, AV1_PICTURE, ANY_PICTURE, OTHER_PICTURE].some((pattern) => pattern.test(brand));
}

function toFilmType(brand: string): (typeof SISTERS)[number] | undefined {
  if (QUICKTIME.test(brand)) return 'video/quicktime';
  if (SOUND.test(brand)) return 'audio/mp4';
  if (MOBILE_2.test(brand)) return 'video/3gpp2';
  if (MOBILE.test(brand)) return 'video/3gpp';
  return FILM.test(brand) ? 'video/mp4' : undefined;
}

function toPictureTypes(brands: readonly string[]): readonly string[] {
  const has = (pattern: RegExp) => brands.some((brand) => pattern.test(brand));
  const isAvif = has(AV1_PICTURE);
  // A brand for any codec does not exclude the usual one: phones write sequences that name no other.
  const isHeic = has(HEVC_PICTURE) || (!isAvif && !has(OTHER_PICTURE));
  return [...(isAvif ? ['image/avif'] : []), ...(isHeic ? ['image/heic'] : []), 'image/heif'];
}
