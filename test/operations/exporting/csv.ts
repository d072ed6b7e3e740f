/** The records of a text by RFC 4180, in which every record ends with CRLF. @throws when it is none */
export function parseCsv(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const records: string[][] = [];
  let record: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 50))}`);
    const [, quoted, plain = '', separator] = match;
    record.push(quoted?.replaceAll('""', '"') ?? plain);
    if (separator === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}
