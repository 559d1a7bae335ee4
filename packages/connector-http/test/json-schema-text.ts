/** A JSON schema as it is published: written as Biome writes JSON, with short lists on one line. */
export function jsonSchemaText(schema: object): string {
  const text = JSON.stringify(schema, undefined, 2).replace(
    /\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g,
    (list, items: string) => {
      const short = `[${items.replace(/,\s+/g, ', ')}]`;
      return short.length <= 80 ? short : list;
    },
  );
  return `${text}\n`;
}
