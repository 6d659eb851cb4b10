import { ByteWatch } from './byte-watch.ts';

/**
 * EICAR's anti-malware test file, https://www.eicar.org/download-anti-malware-testfile/, in pieces: in one piece, scanners would
 * take this file for it.
 */
const PIECES = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'];

export function watchForTestFile(): ByteWatch {
  return new ByteWatch(Buffer.from(PIECES.join(''), 'latin1'));
}
