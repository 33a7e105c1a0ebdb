// Perl's operators and functions, as far as they decide where an expression ends: man perlop, man perlfunc.

export const BRACKETS: Readonly<Record<string, 'list' | 'array' | 'hash'>> = {
  '(': 'list',
  '[': 'array',
  '{': 'hash',
}

export const MODIFIERS = new Set([
  'if',
  'unless',
  'for',
  'foreach',
  'while',
  'until',
  'and',
  'or',
  'xor',
  'not',
])

/** From the one that binds least. */
export const WORDED = [['or', 'xor'], ['and']]

export const ASSIGNMENTS = new Set('= .= += -= *= /= %= x= |= &= ^= ||= &&= //= **= <<= >>='.split(' '))

/** From those that bind least. */
export const BINARY = [
  '.. ...',
  '|| //',
  '&&',
  '| ^',
  '&',
  '== != <=> eq ne cmp',
  '< > <= >= lt gt le ge',
  '<< >>',
  '+ - .',
  '* / % x',
  '=~ !~',
  '**',
].map(operators => new Set(operators.split(' ')))

export const SUMS = 8

export const UNARY = new Set(['!', '~', '\\', '-', '+', '++', '--'])

export const WORD_OPERATORS = new Set(['eq', 'ne', 'cmp', 'lt', 'gt', 'le', 'ge', 'x'])

export const NAMED_UNARY = new Set(
  'defined ref scalar lc uc lcfirst ucfirst undef exists delete require chomp chop length shift pop keys values each readline exit'.split(
    ' ',
  ),
)

export const LIST_CALLS = new Set(
  'push unshift splice join return die warn print printf sprintf include_config_files include_optional_config_files reverse sort'.split(
    ' ',
  ),
)
