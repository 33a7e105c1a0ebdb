import { expect, test } from 'vitest'
import { mailIdOf, newMailId } from '../../../src/demo/mail/mail-id.ts'

test('an id has twelve characters with a letter or digit at both ends, and matches its secret', () => {
  for (let round = 0; round < 200; round += 1) {
    const { mailId, secretId } = newMailId()
    expect(mailId).toMatch(/^[A-Za-z0-9][\w-]{10}[A-Za-z0-9]$/)
    expect(secretId).toHaveLength(12)
    expect(mailIdOf(secretId)).toBe(mailId)
  }
})
