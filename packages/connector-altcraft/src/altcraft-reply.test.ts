import { describe, expect, it } from 'vitest';
import { readReply } from './altcraft-reply.ts';

const answer = (text: string) => ({ status: 200, headers: {}, text });

describe('readReply', () => {
  it('reads the documented success in both forms', () => {
    const data = { profile_id: '5f33d33ece94481aa9382110' };
    const json = `{"data":${JSON.stringify(data)},"error":0,"error_text":"Successful operation"}`;
    const xml =
      '<xml>\n<data>\n<profile_id>5f33d33ece94481aa9382110</profile_id>\n</data>\n<error>0</error>\n' +
      '<error_text>Successful operation</error_text>\n</xml>';
    expect(readReply(answer(json))).toEqual({ error: 0, data, totalCount: undefined });
    expect(readReply(answer(xml))).toEqual({ error: 0, data, totalCount: undefined });
  });

  it('reads a refusal without data in both forms', () => {
    expect(readReply(answer('{"error":404,"error_text":"x"}'))).toMatchObject({ error: 404, data: undefined });
    expect(readReply(answer('<xml><error>404</error></xml>'))).toMatchObject({ error: 404, data: undefined });
  });

  it('reads how many there are', () => {
    expect(readReply(answer('{"error":0,"data":[],"total_count":3}'))?.totalCount).toBe(3);
    expect(readReply(answer('<xml><error>0</error><total_count>3</total_count></xml>'))?.totalCount).toBe(3);
  });

  it.each([
    '',
    'OK',
    'null',
    '[]',
    '{}',
    '{"error":"0"}',
    '{"error":null}',
    '{"error":0.5}',
    '{"error":0',
    '<html></html>',
    '<xml></xml>',
    '<xml><error></error></xml>',
    '<xml><error>none</error></xml>',
    '<xml><error>0</error><error>404</error></xml>',
  ])('takes %j for no envelope', (text) => {
    expect(readReply(answer(text))).toBeUndefined();
  });
});
