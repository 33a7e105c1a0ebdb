import { expect, test } from 'vitest'
import { QuestionRefused } from '../../../src/ground/directory/database-answer.ts'
import { inHalves } from '../../../src/ground/directory/in-halves.ts'
import { SECOND } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { changingDirectory, DIRECTORY_AWAY, directoryWith } from '../../embedded/directory.ts'
import { readableLog } from '../../log-lines.ts'

const MANY = Array.from({ length: 500 }, (_, index) => `reader-${index}@example.com`)

test('a question that is not refused is asked once', async () => {
  const { halved, asked } = refusing(() => false)
  expect((await halved.find(MANY)).size).toBe(500)
  expect(asked).toEqual([500])
})

test('two addresses that are refused do not hold up the others, and the log names them once', async () => {
  const odd = ['reader-7@example.com', 'reader-400@example.com']
  const { halved, asked, lines } = refusing(part => odd.some(address => part.includes(address)))
  const answers = await halved.find(MANY)
  expect(MANY.filter(address => !answers.has(address))).toEqual(odd)
  expect(asked.length).toBeLessThan(40)
  await halved.find(MANY)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ addresses: 2, first: odd }])
})

test.each([
  ['every fifth', /[05]@/],
  ['the first hundred', /-\d?\d@/],
])('the others are answered even if %s is refused', async (_, odd) => {
  const { halved } = refusing(part => part.some(address => odd.test(address)))
  expect([...(await halved.find(MANY)).keys()].sort()).toEqual(
    MANY.filter(address => !odd.test(address)).sort(),
  )
})

test('an address that is refused alone is left out, and the directory is not away because of it', async () => {
  const { halved, asked } = refusing(part => part.includes(MANY[0] ?? ''))
  expect(await halved.find(MANY.slice(0, 1))).toEqual(new Map())
  expect(asked).toEqual([1, 1])
})

test('a directory that refuses every question, the sign-in, or an answer is asked no more', async () => {
  const { halved, asked, lines } = refusing(() => true)
  await expect(halved.find(MANY)).rejects.toMatchObject({ code: 'DIRECTORY_REFUSED' })
  expect(asked).toEqual([500, 1])
  expect(lines).toEqual([])
  for (const fault of [DIRECTORY_AWAY, new CodedError('DIRECTORY_REFUSED', 'The password is wrong.')]) {
    const directory = changingDirectory()
    directory.fault = fault
    await expect(inHalves(directory, OPTIONS).find(MANY)).rejects.toBe(fault)
    expect(directory.asked).toHaveLength(1)
  }
})

test('after the limit no further part is asked about', async () => {
  const { halved, asked } = refusing(() => true, 0)
  expect((await halved.find(MANY)).size).toBe(0)
  expect(asked).toEqual([])
})

const OPTIONS = { limit: 10 * SECOND, harmless: 'quarantine@example.com', log: readableLog().log }

function refusing(refuses: (part: readonly string[]) => boolean, limit = OPTIONS.limit) {
  const { log, lines } = readableLog()
  const asked: number[] = []
  const directory = {
    async find(part: readonly string[]) {
      asked.push(part.length)
      if (refuses(part)) throw new QuestionRefused('The encoding lacks a letter.')
      return directoryWith({}).find(part)
    },
  }
  return { halved: inHalves(directory, { ...OPTIONS, limit, log }), asked, lines }
}
