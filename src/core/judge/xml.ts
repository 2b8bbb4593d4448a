// The only door to saxes: an XML text as a sequence of opened and closed elements. Entities beyond XML's five are refused.

import { SaxesParser } from 'saxes';

export interface XmlListener {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text?(text: string): void;
}

/** Returns what is wrong with the text, or undefined. What was heard before a fault is not to be trusted. */
export function readXml(text: string, listener: XmlListener): string | undefined {
  let fault: string | undefined;
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', (error) => {
    fault ??= error.message;
  });
  parser.on('opentag', (tag) => listener.open(tag.name, tag.attributes));
  parser.on('closetag', (tag) => listener.close(tag.name));
  parser.on('text', (written) => listener.text?.(written));
  parser.write(text.startsWith('\uFEFF') ? text.slice(1) : text).close();
  return fault;
}
