/**
 * The test file that every scanner of malware takes for a threat, though it does nothing
 * (https://www.eicar.org/download-anti-malware-testfile/). Put together here, so that no scanner finds it in
 * this program.
 */
export function eicar(): string {
  return ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'].join('-');
}
