import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import { Refusal } from './refusal.ts';
import { readSkimmed } from './skim.ts';
import { stringScanner } from './string-scanner.ts';
import { XmlFeed } from './xml.ts';
import { unescapeText } from './xstring.ts';

/** Reads the workbook's shared strings: rich text without its formats, phonetic guides left out. */
export async function readSharedStrings(archive: Archive, part: string, limits: ReadLimits): Promise<string[]> {
  const strings: string[] = [];
  const keep = (text: string) => {
    if (strings.length >= limits.sharedStrings) {
      throw new Refusal('too-large', `The workbook has more than ${limits.sharedStrings} shared strings.`);
    }
    strings.push(text.includes('_x') ? unescapeText(text) : text);
  };

  let text = '';
  let phonetic = false;
  const feed = new XmlFeed(
    part,
    {
      open(name) {
        if (name === 'si') text = '';
        else if (name === 'rPh') phonetic = true;
      },
      text(piece, element) {
        if (element === 't' && !phonetic) text += piece;
      },
      close(name) {
        if (name === 'rPh') phonetic = false;
        else if (name === 'si') keep(text);
      },
    },
    limits,
  );
  await readSkimmed(archive.read(part), feed, stringScanner(keep), limits);
  return strings;
}
