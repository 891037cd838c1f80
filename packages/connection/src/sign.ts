// `@sluice/connection/sign`: the signer by itself. It imports nothing of the SDK.
export type { BucketAddress } from './sign/address.ts';
export {
  type CloudFrontKey,
  type CloudFrontPolicy,
  type CloudFrontSigner,
  createCloudFrontSigner,
} from './sign/cloudfront.ts';
export { CredentialsExpiredError, type SigningCredentials } from './sign/credentials.ts';
export {
  createPartsPresigner,
  type Part,
  type PartsPresigner,
  type PartsRequest,
  type SignedParts,
  toPartUrls,
} from './sign/presign-parts.ts';
export {
  createPostPresigner,
  type PostPresigner,
  type PostRequest,
  type PresignedPost,
} from './sign/presign-post.ts';
export { createPresigner, type PresignedUrl, type Presigner, type UrlRequest } from './sign/presign-url.ts';
