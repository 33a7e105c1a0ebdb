import { expect, test } from 'vitest'
import { sentence } from '../../../src/work/doctor/sentence.ts'

test('a message becomes a sentence, and names keep their letters', () => {
  expect(sentence("this machine's clock is behind")).toBe("This machine's clock is behind.")
  expect(sentence('Node 18 is too old.')).toBe('Node 18 is too old.')
  expect(sentence('amavisd has written times')).toBe('amavisd has written times.')
  expect(sentence('smtp.url leads to amavisd')).toBe('smtp.url leads to amavisd.')
  expect(sentence('imaps://localhost answers')).toBe('imaps://localhost answers.')
  expect(sentence('publicUrl is http')).toBe('publicUrl is http.')
  expect(sentence('fine')).toBe('Fine.')
})
