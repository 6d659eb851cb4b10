const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const PATH_AND_RESERVED = /[\\/:*?"<>|]/g;

/** A name as every system can keep it: no path, no control or direction characters, nothing that a shell or a header would read. */
export function tidyName(name: string): string {
  const tidy = name
    .normalize('NFC')
    .replace(UNPRINTABLE, '')
    .replace(PATH_AND_RESERVED, '_')
    .trim()
    .replace(/^\.+/, '_');
  return tidy === '' ? 'file' : tidy;
}

/** Makes browsers save the file under its name, whatever letters it has (RFC 6266, RFC 8187). */
export function dispositionOf(name: string): string {
  const tidy = tidyName(name);
  const ascii = tidy.replace(/[^\x20-\x7e]/g, '_').replace(/["%;\\]/g, '_');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(tidy).replace(/['()*]/g, percent)}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
