import { reportSchema } from '@expunge/report';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaText } from './json-schema-text.ts';

it('is published, as it is', async () => {
  const schema = { title: 'Expunge report', ...z.toJSONSchema(reportSchema) };
  await expect(jsonSchemaText(schema)).toMatchFileSnapshot('../expunge-report.schema.json');
});
