import type { Client, Upload, Uploader } from '@sluice/client';
import { useUploads } from '@sluice/client/react';
import { type DragEvent, useCallback, useEffect, useRef, useState } from 'react';
import { Earlier } from './earlier.tsx';
import { Row } from './row.tsx';
import { toSentence } from './words.ts';

type Tools = { readonly uploader: Uploader; readonly client: Client };

/** A place to drop files, the files on their way, and what was uploaded before. */
export function Uploads({ uploader, client }: Tools) {
  const [announced, setAnnounced] = useState('');
  const [earlier, setEarlier] = useState<readonly Upload[]>([]);
  const [problem, setProblem] = useState<string>();

  const read = useCallback(async () => {
    try {
      const { uploads } = await client.list({ limit: 20 });
      setEarlier(uploads);
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }, [client]);
  useEffect(() => void read(), [read]);

  const isOneVerified = earlier.some(({ state }) => state === 'verifying' || state === 'scanning');
  useEffect(() => {
    if (!isOneVerified) return;
    const timer = setInterval(read, 2_000);
    return () => clearInterval(timer);
  }, [isOneVerified, read]);

  const { uploads, add, clear } = useUploads(uploader, {
    onSettled: (upload) => setAnnounced(`${upload.filename}: ${toSentence(upload)}`),
  });

  const download = async (id: string) => {
    try {
      // A short-lived address at S3. Everything is served as an attachment, so that the page stays.
      location.assign((await client.download(id)).url);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const remove = async (id: string) => {
    try {
      await client.delete(id);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    await read();
  };

  // What is in the list above is not told twice.
  const shown = new Set(uploads.map(({ upload }) => upload?.id));
  const others = earlier.filter(
    ({ id, state }) => !shown.has(id) && state !== 'deleted' && state !== 'aborted',
  );

  return (
    <>
      <Drop onFiles={add} />
      {problem !== undefined && (
        <section className="card notice" role="alert">
          <p>{problem}</p>
        </section>
      )}
      {uploads.length > 0 && (
        <section className="card" aria-labelledby="now">
          <header className="masthead">
            <h2 id="now">This visit</h2>
            <button
              type="button"
              onClick={() => {
                clear();
                void read();
              }}
            >
              Clear what is done
            </button>
          </header>
          <ul className="list">
            {uploads.map((row) => (
              <Row key={row.key} row={row} onDownload={download} />
            ))}
          </ul>
        </section>
      )}
      {others.length > 0 && <Earlier uploads={others} onDownload={download} onDelete={remove} />}
      <p className="visually-hidden" role="status">
        {announced}
      </p>
    </>
  );
}

function Drop({ onFiles }: { readonly onFiles: (files: Iterable<File>) => void }) {
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    onFiles(event.dataTransfer.files);
  };
  return (
    <section
      className={`card drop${isOver ? ' over' : ''}`}
      aria-label="Choose files"
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={take}
    >
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ''; // or the same file could not be picked again
        }}
      />
      <button type="button" className="main" onClick={() => input.current?.click()}>
        Choose files
      </button>
      <p className="soft">or drop them here. Nobody can open a file before it has been verified.</p>
    </section>
  );
}
