import type { YAMLError } from 'yaml';

/** What is wrong with YAML, in words that quote nothing: the parser's own quote the text, which may hold a secret. */
export function describeYamlProblem({ code }: Pick<YAMLError, 'code'>): string {
  switch (code) {
    case 'TAG_RESOLVE_FAILED':
      return 'a value begins with "!", which YAML takes for a tag. Put the value in quotes.';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
      return 'a value begins with "*", which YAML takes for an alias. Put the value in quotes.';
    case 'MULTIPLE_ANCHORS':
      return 'a value begins with "&", which YAML takes for an anchor. Put the value in quotes.';
    case 'BAD_SCALAR_START':
      return 'a value begins with a character that YAML reserves. Put the value in quotes.';
    case 'BAD_DIRECTIVE':
      return 'a line begins with "%", which YAML takes for a directive.';
    case 'BAD_DQ_ESCAPE':
      return 'a value in double quotes has a backslash that means nothing. Double it, or use single quotes.';
    case 'BAD_INDENT':
    case 'TAB_AS_INDENT':
      return 'the indentation is wrong. Use the same number of spaces for keys of one map, and no tabs.';
    case 'DUPLICATE_KEY':
      return 'a key stands twice in one map.';
    case 'MISSING_CHAR':
      return 'a quote, a comma, a colon or a bracket is missing.';
    case 'MULTIPLE_DOCS':
      return 'the file holds more than one document. Remove what follows the line "---".';
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
    case 'KEY_OVER_1024_CHARS':
    case 'NON_STRING_KEY':
      return 'a key is not one short text on one line, or a value has a colon in it. Put the value in quotes.';
    default:
      return 'YAML does not expect what stands here.';
  }
}
