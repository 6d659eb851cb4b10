import type { Answer } from '../http/answer.ts';

/** What an element holds: text, elements by name in order, or several of one name. */
export type Content = string | number | boolean | { [name: string]: Content | Content[] | undefined };

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export function element(name: string, content: Content, attributes = ''): string {
  return `<${name}${attributes}>${inner(content)}</${name}>`;
}

function inner(content: Content): string {
  if (typeof content !== 'object') return String(content).replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
  let text = '';
  for (const [name, value] of Object.entries(content)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) text += element(name, one);
  }
  return text;
}

export function xmlAnswer(root: string, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml; charset=UTF-8' },
    text: `<?xml version='1.0' encoding='UTF-8'?>${root}`,
  };
}
