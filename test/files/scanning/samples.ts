/** EICAR's test file, put together here: scanners look at source files too. */
export const testVirus = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS', '-TEST-FILE!$H+H*'].join(''),
);

const SECTOR = 512;
const ENTRY = 128;
const NAME_LENGTH_AT = 64;
const TYPE_AT = 66;
const STREAM = 2;

/** The head of a compound file ([MS-CFB]) and a directory of these names; there is nothing in them. */
export function compoundFile(names: readonly string[]): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.write('d0cf11e0a1b11ae1', 'hex');
  const directory = names.map((name) => {
    const entry = Buffer.alloc(ENTRY);
    entry.write(name, 'utf16le');
    entry.writeUInt16LE(2 * (name.length + 1), NAME_LENGTH_AT);
    entry.writeUInt8(STREAM, TYPE_AT);
    return entry;
  });
  const bytes = Buffer.concat([header, ...directory]);
  return Buffer.concat([bytes, Buffer.alloc(SECTOR - (bytes.length % SECTOR))]);
}

const BLOCK = 512;

/** A tar archive (POSIX.1-2017, pax) of these files. */
export function tar(files: readonly { name: string; data: Buffer }[]): Buffer {
  const blocks = files.flatMap(({ name, data }) => {
    const header = Buffer.alloc(BLOCK);
    header.write(name);
    header.write(data.length.toString(8).padStart(11, '0'), 124);
    header.write('ustar\u000000', 257, 'latin1');
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
    return [header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}
