import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  readonly name: string;
  readonly data: Buffer;
  /** Stored as it is; deflated otherwise. */
  readonly stored?: boolean;
  /** What the headers say instead of the truth. */
  readonly declared?: { readonly size?: number; readonly crc?: number; readonly flags?: number };
};

const localHeaderBytes = 30;
const centralHeaderBytes = 46;
const endBytes = 22;

/** A ZIP archive (APPNOTE.TXT 4.3), as well-formed as its entries' declarations let it be. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = entry.stored ? entry.data : deflateRawSync(entry.data);
    const name = Buffer.from(entry.name);
    const common = commonHeader(entry, data.length, name.length);
    const local = Buffer.alloc(localHeaderBytes);
    local.writeUInt32LE(0x04034b50, 0);
    common.copy(local, 4);
    const central = Buffer.alloc(centralHeaderBytes);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(20, 4);
    common.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    files.push(local, name, data);
    directory.push(central, name);
    offset += local.length + name.length + data.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, directoryBytes, end]);
}

/** The fields that the local and the central header share. */
function commonHeader({ data, stored, declared }: ZipEntry, compressed: number, nameLength: number): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(declared?.flags ?? 0, 2);
  header.writeUInt16LE(stored ? 0 : 8, 4);
  header.writeUInt32LE(declared?.crc ?? crc32(data), 10);
  header.writeUInt32LE(compressed, 14);
  header.writeUInt32LE(declared?.size ?? data.length, 18);
  header.writeUInt16LE(nameLength, 22);
  return header;
}
