import type { ScanResult } from '@sluice/contract/scan';

/** What a scanner says, without what it says it of. */
export type Judgement = Pick<ScanResult, 'outcome' | 'threats' | 'detail'>;
