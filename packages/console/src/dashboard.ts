// The upload area. A chunk of its own, loaded once somebody has signed in: nobody else needs the weight of
// Uppy.
import AwsS3 from '@uppy/aws-s3';
import Uppy, { type Body, type Meta, type UppyFile } from '@uppy/core';
import Dashboard from '@uppy/dashboard';
import type { Admission, Candidate } from './admission.ts';
import { startDropZone } from './drop-zone.ts';
import type { Signing } from './signing.ts';

export type UploaderDeps = {
  readonly target: HTMLElement;
  readonly signing: Signing;
  readonly admit: (file: Candidate) => Admission;
  /** the policy that the person has chosen; undefined for the first that takes a file's type */
  readonly chosenPolicy: () => string | undefined;
  /** Called with a file that is not sent, and why. */
  readonly onRefused: (file: Candidate, admission: Refused) => void;
  readonly onStarted: (names: readonly string[]) => void;
  /** Called when all bytes of a file are in S3. Its verdict is yet to come. */
  readonly onSent: (uploadId: string) => void;
  readonly onFailed: (name: string, error: unknown) => void;
  /** Called with what Uppy itself wants to say. */
  readonly onMessage: (text: string) => void;
};

export type Refused = Extract<Admission, { admitted: false }>;

export type Uploads = {
  /** Tells the file dialog which types to offer. */
  readonly offerTypes: (types: readonly string[] | undefined) => void;
  /** True while bytes are on their way, or waiting to be. */
  readonly isSending: () => boolean;
};

type ConsoleMeta = Meta & { policy?: string };
type ConsoleFile = UppyFile<ConsoleMeta, Body>;

const MiB = 1024 ** 2;
// From here on a file goes in parts: a pause, or a connection that breaks, costs one of them and not all.
const MULTIPART_FROM_BYTES = 16 * MiB;
const MIN_PART_BYTES = 8 * MiB;
// Uppy sends one part after the other and asks for each: larger files take larger steps.
const MOST_PARTS = 2_000;

/** Opens the Dashboard in its place. Files are sent as soon as they are picked. */
export function openDashboard(deps: UploaderDeps): Uploads {
  const { signing, target } = deps;

  const onBeforeFileAdded = (file: ConsoleFile): ConsoleFile | boolean => {
    const candidate = { name: file.name ?? '', type: file.type ?? '', size: file.size ?? 0 };
    const admission = deps.admit(candidate);
    if (!admission.admitted) {
      deps.onRefused(candidate, admission);
      return false;
    }
    const { contentType: type } = admission;
    const chosen = deps.chosenPolicy();
    return { ...file, type, meta: { ...file.meta, type, ...(chosen !== undefined && { policy: chosen }) } };
  };

  const uppy = new Uppy<ConsoleMeta, Body>({ id: 'console', autoProceed: true, onBeforeFileAdded })
    .use(Dashboard, {
      target,
      inline: true,
      width: '100%',
      height: 'auto',
      // Themed by the page's own colours (style/dashboard.css), which know about light and dark themselves.
      theme: 'light',
      // Nothing is shown of a file before it has been accepted, not even to the one who sends it.
      disableThumbnailGenerator: true,
      // What there is to say is said in the page's own place for it, and read out.
      disableInformer: true,
      singleFileFullScreen: false,
      showSelectedFiles: true,
      proudlyDisplayPoweredByUppy: false,
      note: 'Each file is verified before anyone can open it.',
      locale: {
        strings: {
          dashboardTitle: 'Upload files',
          dropPasteFiles: 'Drop files here or %{browseFiles}',
          browseFiles: 'choose them',
        },
      },
    })
    .use(AwsS3, {
      signRequest: signing.sign,
      generateObjectKey: ({ id, name, meta }) =>
        signing.toKey({
          id,
          name: name ?? '',
          policy: typeof meta.policy === 'string' ? meta.policy : undefined,
        }),
      shouldUseMultipart: ({ size }) => (size ?? 0) >= MULTIPART_FROM_BYTES,
      getChunkSize: ({ size }) => Math.max(MIN_PART_BYTES, Math.ceil(size / MOST_PARTS)),
    });

  uppy.on('upload', (_id, files) => deps.onStarted(files.map(({ name }) => name ?? '')));
  uppy.on('upload-success', (file, { body }) => {
    if (file) signing.forget(file.id);
    if (typeof body?.key === 'string') deps.onSent(body.key.slice(body.key.lastIndexOf('/') + 1));
  });
  uppy.on('upload-error', (file, error) => {
    // Parts stay, for the next attempt; what was sent whole is sent as another upload then.
    if (file && !isMultipart(file)) signing.abandon(file.id);
    deps.onFailed(file?.name ?? '', error);
  });
  uppy.on('file-removed', (file) => {
    if (isMultipart(file)) signing.forget(file.id);
    else signing.abandon(file.id);
  });
  uppy.on('restriction-failed', (_file, error) => {
    if (!('isUserFacing' in error) || error.isUserFacing) deps.onMessage(error.message);
  });
  // What has arrived is in the list below: this is the place for what is on its way.
  uppy.on('complete', ({ successful = [] }) => uppy.removeFiles(successful.map(({ id }) => id)));

  startDropZone({
    target,
    onFiles: (files) => uppy.addFiles(files.map((data) => ({ name: data.name, type: data.type, data }))),
  });

  return {
    offerTypes: (types) =>
      uppy.setOptions({ restrictions: { allowedFileTypes: types === undefined ? null : [...types] } }),
    isSending: () => uppy.getFiles().some(({ error, progress }) => !error && !progress.uploadComplete),
  };
}

/** True of a file that goes in parts. Uppy then ends its upload itself. */
function isMultipart(file: object): boolean {
  return 's3Multipart' in file && file.s3Multipart !== undefined;
}
