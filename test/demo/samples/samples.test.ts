import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { headerField } from '../../../src/demo/mail/header-field.ts'
import { ALICE, BOB } from '../../../src/demo/samples/sample.ts'
import { SAMPLES } from '../../../src/demo/samples/samples.ts'
import { asciiDomain, composeMessage } from '../../../src/demo/storage/compose.ts'
import { CONTENT_KINDS } from '../../../src/ground/amavis/content.ts'

const NOW = Date.UTC(2026, 1, 3, 12)

describe.each(SAMPLES.map(sample => [sample.from.address, sample] as const))(
  'the mail from %s',
  (_, sample) => {
    const raw = composeMessage(sample, NOW)
    const parsed = PostalMime.parse(raw)

    test('is read correctly by a mail parser', async () => {
      const mail = await parsed
      expect(mail.from?.address).toBe(asciiDomain(sample.from.address))
      expect(mail.from?.name).toBe(sample.from.name ?? '')
      if (!sample.rawHeader) expect(mail.subject ?? '').toBe(sample.subject ?? '')
      expect(mail.text?.trim()).toBe(sample.text.trim())
      expect(mail.html !== undefined).toBe(sample.html !== undefined)
      expect(mail.attachments).toHaveLength(sample.attachments?.length ?? 0)
    })

    test('has the subject that amavisd would store in its row', () => {
      if (sample.subject !== undefined) expect(headerField(raw, 'Subject')).toBe(sample.subject)
    })

    test('has lines that SMTP can carry', () => {
      for (const line of raw.toString('latin1').split('\n')) expect(line.length).toBeLessThanOrEqual(998)
    })

    test('uses only domains that are reserved for examples', () => {
      expect(asciiDomain(sample.from.address)).toMatch(/[@.]example(\.com|\.org|\.net)?$/)
    })
  },
)

test('wanted mail has the lowest scores', () => {
  const scores = SAMPLES.flatMap(sample => sample.verdicts)
    .filter(verdict => verdict.recipient === ALICE && verdict.content === 'S')
    .map(verdict => verdict.score ?? 0)
  expect(Math.min(...scores)).toBe(4.1)
})

test('the samples cover every kind that is held, two readers and most of a day', () => {
  const verdicts = SAMPLES.flatMap(sample => sample.verdicts)
  const kinds = new Set(verdicts.map(verdict => CONTENT_KINDS[verdict.content]))
  expect([...kinds].sort()).toEqual(['badHeader', 'banned', 'spam', 'unchecked', 'virus'])
  expect(verdicts.filter(verdict => verdict.recipient === BOB)).toHaveLength(2)
  expect(Math.max(...SAMPLES.map(sample => sample.minutesAgo))).toBeLessThan(20 * 60)
})

test('no sample contains a string that a virus scanner would react to', () => {
  for (const sample of SAMPLES) {
    const raw = composeMessage(sample, NOW)
    const texts = [raw, ...(sample.attachments ?? []).map(attachment => attachment.content)]
    for (const text of texts) {
      expect(text.includes(['$EICAR', 'STANDARD'].join('-'))).toBe(false)
      expect(text.includes(['XJS*C4JDBQADN1', 'NSBN3'].join('.'))).toBe(false)
    }
  }
})
