// `@sluice/connection/doctor`: why it does not connect. Needs `@aws-sdk/client-sts`.
export { type DiagnoseRequest, diagnose } from './doctor/diagnose.ts';
export { CHECKS, type Check, type Finding, type Verdict } from './doctor/finding.ts';
