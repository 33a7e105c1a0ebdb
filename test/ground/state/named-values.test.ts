import { expect, test } from 'vitest'
import { readValue, writeValue } from '../../../src/ground/state/named-values.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('a number is stored under its name until another one replaces it', async () => {
  const { state } = await embeddedProgram()
  expect(await readValue(state, 'a')).toBeUndefined()
  await writeValue(state, 'a', 1)
  await writeValue(state, 'b', 2)
  await writeValue(state, 'a', 1_770_000_000_000)
  expect([await readValue(state, 'a'), await readValue(state, 'b')]).toEqual([1_770_000_000_000, 2])
})
