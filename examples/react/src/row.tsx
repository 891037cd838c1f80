import type { UseUploads } from '@sluice/client/react';
import { STATUS, toError, toSentence, toSize } from './words.ts';

type Upload = UseUploads['uploads'][number];
type Act = { readonly name: string; readonly act: () => void };

/** One file on its way: how far it is, what came of it, and what can be done. */
export function Row({
  row,
  onDownload,
}: {
  readonly row: Upload;
  readonly onDownload: (id: string) => void;
}) {
  const { filename: name, status, bytes, totalBytes, upload, error } = row;
  const { word, tone } = STATUS[status];
  return (
    <li className="row">
      <header>
        <span className="name">{name}</span>
        <span className={`pill ${tone}`}>{word}</span>
      </header>
      {tone === '' && <progress aria-label={`${name}: ${word}`} value={bytes} max={totalBytes || 1} />}
      <p className="soft">
        {bytes < totalBytes && tone === '' ? `${toSize(bytes)} of ${toSize(totalBytes)}` : toSize(totalBytes)}
        {status === 'accepted' && ` · ${upload?.servedType}`}
      </p>
      {status === 'failed' && <p className="reason">{toError(error)}</p>}
      {upload !== undefined && tone === 'bad' && status !== 'failed' && (
        <p className="reason">{toSentence(upload)}</p>
      )}
      <div className="actions">
        {actsFor(row, onDownload).map(({ name: act, act: onClick }) => (
          <button key={act} type="button" onClick={onClick} aria-label={`${act} ${name}`}>
            {act}
          </button>
        ))}
      </div>
    </li>
  );
}

/** What makes sense just now. */
function actsFor({ status, upload, ...row }: Upload, onDownload: (id: string) => void): readonly Act[] {
  const remove = { name: 'Remove from list', act: row.remove };
  switch (status) {
    case 'waiting':
    case 'starting':
    case 'hashing':
    case 'sending':
      return [
        { name: 'Pause', act: row.pause },
        { name: 'Cancel', act: row.cancel },
      ];
    case 'paused':
      return [
        { name: 'Resume', act: row.resume },
        { name: 'Cancel', act: row.cancel },
      ];
    case 'failed':
    case 'cancelled':
      return [{ name: 'Retry', act: row.retry }, remove];
    case 'verifying':
    case 'scanning':
    case 'held':
      return [];
    case 'accepted':
      return upload === undefined
        ? [remove]
        : [{ name: 'Download', act: () => onDownload(upload.id) }, remove];
    default:
      return [remove];
  }
}
