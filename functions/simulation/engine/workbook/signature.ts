import { Refusal } from './refusal.ts';

/** [MS-CFB] 2.2: what .xls files and password-protected workbooks begin with. */
const compoundFile = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** [MS-OFFCRYPTO] 2.3.4.4: the stream that holds a workbook encrypted whole. */
const encryptedPackage = Buffer.from('EncryptedPackage', 'utf16le');

/** Refuses what is no ZIP archive, by its first bytes, and says what it is instead where that can be told. */
export function refuseOtherFormats(file: Buffer): void {
  if (file.length === 0) throw new Refusal('truncated', 'The file is empty.');
  if (file.subarray(0, compoundFile.length).equals(compoundFile)) {
    if (file.includes(encryptedPackage)) {
      throw new Refusal('encrypted', 'The workbook is protected by a password; save it without one.');
    }
    throw new Refusal('unsupported-format', 'The file is of the old format (.xls); save it as .xlsx.');
  }
  if (file[0] !== 0x50 || file[1] !== 0x4b) {
    throw new Refusal('not-a-workbook', 'The file is not an Excel workbook (.xlsx).');
  }
}
