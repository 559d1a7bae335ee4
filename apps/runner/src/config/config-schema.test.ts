import { expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaText } from '../../test/json-schema-text.ts';
import { configSchema } from './config-schema.ts';

it('is published for editors, as it is', async () => {
  const schema = {
    title: 'Expunge configuration',
    ...z.toJSONSchema(configSchema, { io: 'input' }),
  };
  await expect(jsonSchemaText(schema)).toMatchFileSnapshot('../../expunge.schema.json');
});
