import { expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaText } from '../../test/json-schema-text.ts';
import { reportSchema } from './report-schema.ts';

it('is published, as it is', async () => {
  const schema = { title: 'Expunge report', ...z.toJSONSchema(reportSchema) };
  await expect(jsonSchemaText(schema)).toMatchFileSnapshot('../../expunge-report.schema.json');
});
