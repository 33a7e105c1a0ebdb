import { expect, test } from 'vitest'
import { standardLanguage } from '../../src/composition/standard-language.ts'
import { configSchema } from '../../src/ground/config/schema.ts'

const LANGUAGES = ['en', 'de']
const standard = (language: string) => {
  const { readers } = configSchema.pick({ readers: true }).parse({ readers: { language } })
  return standardLanguage({ readers }, LANGUAGES)
}

test.each([
  ['de', 'de'],
  ['DE', 'de'],
  ['de-at', 'de-AT'],
])('%s becomes %s', (written, tag) => expect(standard(written)).toBe(tag))

test.each(['deutsch', 'xx', 'de_DE', ''])(
  '%j is refused at the start, with a list of the known languages',
  written => {
    expect(() => standard(written)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/^readers\.language: .*\(en, de\)/),
      }),
    )
  },
)
