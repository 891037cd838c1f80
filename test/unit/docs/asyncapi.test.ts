// docs/events.asyncapi.yaml, held to the events that the code makes.
import { readFileSync } from 'node:fs';
import { CHECKSUM_ALGORITHMS } from '@sluice/contract/checksum';
import { EVENT_TYPES, type UploadEvent } from '@sluice/contract/event';
import { READERS, type Upload } from '@sluice/contract/upload';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { EVENT_STATES, toUploadEvent } from '../../../src/lib/event/to-upload-event.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const document = parse(readFileSync('docs/events.asyncapi.yaml', 'utf8'));
const { schemas, messages } = document.components;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ ...document, $id: 'asyncapi' });

function flawsOf(event: unknown, type: string): string[] {
  const { $ref } = messages[type].payload;
  const isValid = ajv.compile({ $ref: `asyncapi${$ref}` });
  isValid(event);
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const NOW = Date.parse('2026-11-20T09:15:00Z');

/** A row with every field that an event may show, or with none that it may lack. */
function rowOf(state: Upload['state'], isFull: boolean): Upload {
  return {
    ...aRequest({ state }),
    settledAt: NOW,
    ...(state === 'accepted' && { servedType: 'image/jpeg' }),
    ...(state === 'rejected' && { reason: 'type_mismatch' }),
    ...(state === 'recalled' && { reason: 'infected' }),
    ...(isFull && {
      detail: 'The bytes are those of a PDF.',
      checksum: { algorithm: 'sha256', value: 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=' },
      readers: 'tenant',
      readersRevision: 1,
      reference: 'order-7',
      grantId: 'grant-1',
      scans: { clamav: { outcome: 'infected', etag: 'e', at: NOW, attempt: 1, threats: ['Eicar'] } },
      inspection: { macros: true, 'pdf.pages': 3, encoding: 'utf-8', external: ['example.com'] },
    }),
  };
}

function eventOf(type: (typeof EVENT_TYPES)[number], isFull: boolean): UploadEvent {
  const state = type === 'upload.readers_changed' ? 'accepted' : stateOf(type);
  const after = { ...rowOf(state, isFull), ...(type === 'upload.readers_changed' && { readersRevision: 2 }) };
  const before: Upload =
    type === 'upload.readers_changed' ? { ...after, readersRevision: 1 } : { ...after, state: 'verifying' };
  const event = toUploadEvent({ before, after, changedAt: NOW }, 'urn:sluice:prod');
  if (event?.type !== type) throw new Error(`the rows make ${event?.type}, not ${type}`);
  return event;
}

function stateOf(type: string): keyof typeof EVENT_STATES {
  const [state] = Object.entries(EVENT_STATES).find(([, named]) => named === type) ?? [];
  return state as keyof typeof EVENT_STATES;
}

describe('docs/events.asyncapi.yaml', () => {
  test('has a message for each type of event, and no other', () => {
    expect(Object.keys(messages)).toEqual([...EVENT_TYPES]);
    expect(Object.keys(document.channels.uploads.messages)).toEqual([...EVENT_TYPES]);
    expect(schemas.Event.properties.type.enum).toEqual([...EVENT_TYPES]);
  });

  test.each(
    EVENT_TYPES.flatMap(
      (type) =>
        [
          [type, 'as much'],
          [type, 'as little'],
        ] as const,
    ),
  )('is right about %s with %s in it as there may be', (type, amount) => {
    expect(flawsOf(eventOf(type, amount === 'as much'), type)).toEqual([]);
  });

  test.each(EVENT_TYPES)('takes no event of another type for %s', (type) => {
    for (const other of EVENT_TYPES.filter((one) => one !== type)) {
      expect(flawsOf(eventOf(other, true), type), other).not.toEqual([]);
    }
  });

  test('has the fields that events have, and no others', () => {
    const all = EVENT_TYPES.map((type) => eventOf(type, true));
    const fieldsOf = (objects: readonly object[]) => [...new Set(objects.flatMap(Object.keys))].toSorted();
    expect(fieldsOf(all)).toEqual(Object.keys(schemas.Event.properties).toSorted());
    expect(fieldsOf(all.map(({ data }) => data))).toEqual(Object.keys(schemas.Data.properties).toSorted());
    const always = EVENT_TYPES.map((type) => Object.keys(eventOf(type, false).data));
    const demanded = always.reduce((some, keys) => some.filter((key) => keys.includes(key)));
    // aRequest declares a size and is settled, which not every upload has and is.
    expect(demanded.filter((key) => !['size', 'settledAt'].includes(key)).toSorted()).toEqual(
      schemas.Data.required.toSorted(),
    );
  });

  test('has the words of the source', () => {
    const { state, readers } = schemas.Data.properties;
    expect(state.enum).toEqual(Object.keys(EVENT_STATES));
    expect(readers.enum).toEqual([...READERS]);
    expect(schemas.Checksum.properties.algorithm.enum).toEqual([...CHECKSUM_ALGORITHMS]);
  });
});
