import { expect, test } from 'vitest'
import type { Answer, Directory } from '../../../src/ground/directory/directory.ts'
import { withTimeLimit } from '../../../src/ground/directory/time-limit.ts'
import { DAY, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { rememberAnswers } from '../../../src/work/known-answers/known-answers.ts'
import { tidy } from '../../../src/work/tidy/tidy.ts'
import { changingDirectory, DIRECTORY_AWAY, directoryWith } from '../../embedded/directory.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

const SALES = 'sales@example.com'
const BOB = 'bob@example.com'
const CAROL = 'carol@example.com'
const REFRESH = 5 * MINUTE

test('an answer is asked for once within the refresh, by whichever process', async () => {
  const { real, known, another } = await remembered()
  expect(await readersOf(known, SALES)).toEqual([BOB])
  expect(await readersOf(known, SALES)).toEqual([BOB])
  expect(await readersOf(another(), SALES)).toEqual([BOB])
  expect(real.asked).toEqual([[SALES]])
})

test('an answer that is older than the refresh is asked for again; one from the future, too', async () => {
  const { real, known, time } = await remembered()
  await readersOf(known, SALES)
  real.readers = { [SALES]: [CAROL] }
  time.now += REFRESH - 1
  expect(await readersOf(known, SALES)).toEqual([BOB])
  time.now += 1
  expect(await readersOf(known, SALES)).toEqual([CAROL])
  real.readers = {}
  time.now -= DAY
  expect(await readersOf(known, SALES)).toEqual([SALES])
})

test('the age of an answer counts from the question', async () => {
  const { real, known, time, another } = await remembered()
  const slow = {
    async find(asked: readonly string[]) {
      const answers = await real.find(asked)
      time.now += REFRESH
      return answers
    },
  }
  expect(await readersOf(another({ directory: slow }), SALES)).toEqual([BOB])
  real.readers = { [SALES]: [CAROL] }
  expect(await readersOf(known, SALES)).toEqual([CAROL])
})

test('with an age of 0, the directory is asked each time, and others have that answer', async () => {
  const { real, known, anew } = await remembered()
  await readersOf(known, SALES)
  real.readers = { [SALES]: [CAROL] }
  expect(await readersOf(anew, SALES)).toEqual([CAROL])
  expect(await readersOf(known, SALES)).toEqual([CAROL])
  expect(real.asked).toHaveLength(2)
})

test('while the directory is away, the last answer serves, however old, and an address that was never asked about has none', async () => {
  const { real, known, time, log } = await remembered()
  await readersOf(known, SALES)
  real.fault = DIRECTORY_AWAY
  time.now += 300 * DAY
  const answers = await known.find([SALES, 'new@example.com'])
  expect([...answers.keys()]).toEqual([SALES])
  expect(log()).toMatchObject([{ code: 'DIRECTORY_UNREACHABLE', reply: expect.stringContaining('away') }])
})

test('what is remembered is read without asking the directory', async () => {
  const { real, known, remembered: answers, log } = await remembered()
  await readersOf(known, SALES)
  real.fault = DIRECTORY_AWAY
  const asked = real.asked.length
  expect([...(await answers.find([SALES, 'new@example.com'])).keys()]).toEqual([SALES])
  expect(real.asked).toHaveLength(asked)
  expect(log()).toEqual([])
})

test('a directory that is away is asked every few seconds only, and the log has it once a minute', async () => {
  const { real, known, time, log } = await remembered()
  real.fault = DIRECTORY_AWAY
  for (let second = 0; second < 60; second += 1) {
    expect((await known.find([SALES])).size).toBe(0)
    time.now += SECOND
  }
  expect(real.asked).toHaveLength(12)
  expect(log()).toHaveLength(1)
  real.fault = undefined
  time.now += 5 * SECOND
  expect(await readersOf(known, SALES)).toEqual([BOB])
})

test('who has found the directory away spares the others a question, for a few seconds', async () => {
  const { real, known, time, isFoundAway } = await remembered()
  await readersOf(known, SALES)
  time.now += DAY
  isFoundAway()
  expect(await readersOf(known, SALES)).toEqual([BOB])
  expect(real.asked).toHaveLength(1)
  time.now += 5 * SECOND
  await readersOf(known, SALES)
  expect(real.asked).toHaveLength(2)
})

test('a restart while the directory is away has the last answers', async () => {
  const { real, known, another, time } = await remembered()
  await readersOf(known, SALES)
  time.now += DAY
  real.fault = DIRECTORY_AWAY
  expect(await readersOf(another(), SALES)).toEqual([BOB])
})

test('the answers of another directory do not count', async () => {
  const { known, another } = await remembered()
  await readersOf(known, SALES)
  const other = another({ source: 'other', directory: directoryWith({ [SALES]: [CAROL] }) })
  expect(await readersOf(other, SALES)).toEqual([CAROL])
})

test('callers who ask at the same time share one question', async () => {
  const { real, known } = await remembered()
  const all = await Promise.all([known.find([SALES, BOB]), known.find([BOB, CAROL]), known.find([SALES])])
  expect(all.map(answers => answers.size)).toEqual([2, 2, 1])
  expect(real.asked.flat().toSorted()).toEqual([BOB, CAROL, SALES])
})

test('many addresses are asked about and stored some hundred at a time, and read a thousand at a time', async () => {
  const { real, known, statements } = await remembered()
  const addresses = Array.from({ length: 1200 }, (_, index) => `reader-${index}@example.com`)
  statements.length = 0
  expect((await known.find(addresses)).size).toBe(1200)
  expect(real.asked.map(asked => asked.length)).toEqual([500, 500, 200])
  expect(statements.filter(statement => /^(select|insert)/.test(statement))).toHaveLength(2 + 3 + 3 + 1)
  statements.length = 0
  expect((await known.find(addresses)).size).toBe(1200)
  expect(statements).toHaveLength(2)
})

test.each(['', 'null', '{}', '[', '{"readers":[{"address":"NOT NORMAL","isOff":false}],"by":[]}'])(
  'a row with the answer %j counts as absent',
  async answer => {
    const { known, real, state } = await remembered()
    await readersOf(known, SALES)
    await state.sql.updateTable('digest_answer').set({ answer }).execute()
    expect(await readersOf(known, SALES)).toEqual([BOB])
    expect(real.asked).toHaveLength(2)
    real.fault = DIRECTORY_AWAY
    await state.sql.updateTable('digest_answer').set({ answer }).execute()
    expect((await known.find([SALES])).size).toBe(0)
  },
)

test('an answer is kept without its steps if they are too long, and not at all if its readers are', async () => {
  const { another, rows } = await remembered()
  const readers = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ address: `reader-${index}@example.com`, isOff: false }))
  const step = { is: 'alias', from: SALES, to: BOB, row: 'x'.repeat(70_000) } as const
  const long: Record<string, Answer> = {
    [SALES]: { readers: readers(2), by: [step] },
    [BOB]: { readers: readers(2000), by: [] },
  }
  const directory: Directory = {
    find: async asked => new Map(asked.map(address => [address, long[address] as Answer])),
  }
  const answers = await another({ directory }).find([SALES, BOB])
  expect([...answers.values()].map(answer => answer.readers.length)).toEqual([2, 2000])
  expect(await rows('digest_answer')).toMatchObject([{ address: SALES }])
  expect(JSON.parse((await rows('digest_answer'))[0]?.answer ?? '')).toMatchObject({ by: [] })
})

test('a directory that does not answer in time counts as away', async () => {
  const { another } = await remembered()
  const silent: Directory = { find: () => new Promise(() => {}) }
  await expect(withTimeLimit(silent, 10).find([SALES])).rejects.toMatchObject({
    code: 'DIRECTORY_UNREACHABLE',
  })
  expect((await another({ directory: withTimeLimit(silent, 10) }).find([SALES])).size).toBe(0)
})

test('answers that nobody asks for are deleted after a month, but not while the directory is away', async () => {
  const { known, time, deps, rows } = await remembered()
  await readersOf(known, SALES)
  time.now += 31 * DAY
  await tidy(deps)
  expect(await rows('digest_answer')).toHaveLength(1)
  await readersOf(known, BOB)
  await tidy(deps)
  expect(await rows('digest_answer')).toMatchObject([{ address: BOB }])
})

async function remembered() {
  const program = await embeddedProgram()
  const real = changingDirectory({ [SALES]: [BOB] })
  const { log, lines } = readableLog()
  const deps = { directory: real, source: 'source', state: program.state, clock: program.time.clock, log }
  const answers = rememberAnswers(deps)
  return {
    ...program,
    real,
    known: answers.noOlderThan(REFRESH),
    anew: answers.noOlderThan(0),
    remembered: answers.remembered,
    isFoundAway: answers.isFoundAway,
    /** As another process remembers answers. */
    another: (changes: Partial<typeof deps> | { directory: Directory } = {}) =>
      rememberAnswers({ ...deps, ...changes }).noOlderThan(REFRESH),
    log: () => lines.map(line => JSON.parse(line)),
  }
}

const readersOf = async (directory: Directory, address: string): Promise<string[] | undefined> =>
  (await directory.find([address])).get(address)?.readers.map(reader => reader.address)
