import type { Upload } from '@sluice/client';
import { STATUS, toSentence, toSize } from './words.ts';

type Props = {
  readonly uploads: readonly Upload[];
  readonly onDownload: (id: string) => void;
  readonly onDelete: (id: string) => void;
};

/** What the API knows of before this visit. What was not finished goes on when its file is picked again. */
export function Earlier({ uploads, onDownload, onDelete }: Props) {
  return (
    <section className="card" aria-labelledby="earlier">
      <h2 id="earlier">Earlier</h2>
      <ul className="list">
        {uploads.map((upload) => (
          <li key={upload.id} className="row">
            <header>
              <span className="name">{upload.filename}</span>
              <Pill upload={upload} />
            </header>
            <p className="soft">{toSize(upload.size)}</p>
            {upload.state !== 'accepted' && <p className={toneOf(upload)}>{toSentence(upload)}</p>}
            <div className="actions">
              {upload.state === 'accepted' && (
                <button
                  type="button"
                  aria-label={`Download ${upload.filename}`}
                  onClick={() => onDownload(upload.id)}
                >
                  Download
                </button>
              )}
              {(upload.state === 'accepted' || upload.state === 'requested') && (
                <button
                  type="button"
                  aria-label={`Delete ${upload.filename}`}
                  onClick={() => onDelete(upload.id)}
                >
                  Delete
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Pill({ upload: { state } }: { readonly upload: Upload }) {
  const { word, tone } = state === 'requested' ? { word: 'Not finished', tone: 'wait' } : STATUS[state];
  return <span className={`pill ${tone}`}>{word}</span>;
}

function toneOf({ state }: Upload) {
  return ['requested', 'verifying', 'scanning', 'held'].includes(state) ? 'soft' : 'reason';
}
