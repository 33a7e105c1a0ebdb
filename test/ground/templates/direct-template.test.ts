import Handlebars from 'handlebars'
import { describe, expect, test } from 'vitest'
import type { Words } from '../../../src/ground/i18n/locales.ts'
import { compileDirectly } from '../../../src/ground/templates/direct-template.ts'
import { createEngine, STRICT } from '../../../src/ground/templates/engine.ts'

const engine = createEngine()
const words: Words = {
  language: 'en',
  direction: 'ltr',
  say: (key, values = {}) => `[${key} ${Object.entries(values).sort().join(' ')}]`,
}

const MODEL = {
  title: '<b> & "quotes" \'and\' `more` =',
  empty: '',
  none: undefined,
  zero: 0,
  rows: [
    { name: 'a', url: 'https://a.example/?x=1&y=2', more: { deep: 'x' } },
    { name: '', url: '', more: undefined },
  ],
  nothing: [],
}

describe('A template compiled directly gives what Handlebars gives', () => {
  test.each([
    'plain text',
    '{{title}}',
    '{{none}}{{zero}}{{empty}}',
    '{{#if title}}yes{{else}}no{{/if}} {{#if empty}}yes{{else}}no{{/if}} {{#if nothing}}yes{{else}}no{{/if}}',
    '{{#if zero}}yes{{else if title}}second{{else}}no{{/if}}',
    '{{#unless empty}}yes{{/unless}}{{#unless title}}no{{else}}yes{{/unless}}',
    '{{#each rows}}{{@index}}{{#if @first}} first{{/if}} {{name}} {{@root.title}} {{../empty}}\n{{/each}}',
    '{{#each nothing}}x{{else}}nothing{{/each}}',
    '{{#each rows}}{{#if more}}{{more.deep}}{{/if}}{{/each}}',
    '{{say "a.b"}} {{say "a.b" count=zero name=title}}',
    'line\n{{#if title}}\nalone on its line\n{{/if}}\nend',
    '{{! a comment }}x',
  ])('%j', source => {
    for (const noEscape of [false, true]) {
      const escaped = noEscape ? (text: string) => text : Handlebars.escapeExpression
      const slow = engine.compile<object>(source, { ...STRICT, noEscape })
      expect(compileDirectly(source, escaped)?.(MODEL, words)).toBe(slow(MODEL, { data: { words } }))
    }
  })
})

test('A name that the model lacks is an error, as in Handlebars', () => {
  const render = compileDirectly('{{titel}}', text => text)
  expect(() => render?.(MODEL, words)).toThrow('"titel" is not defined')
})

test.each([
  '{{{title}}}',
  '{{> part}}',
  '{{#with rows}}{{/with}}',
  '{{lookup rows 0}}',
  '{{title name=zero}}',
  '{{#each rows as |row|}}{{/each}}',
])('%s is left to Handlebars', source => {
  expect(compileDirectly(source, text => text)).toBeUndefined()
})
