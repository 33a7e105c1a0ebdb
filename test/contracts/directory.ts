import { describe, expect, test } from 'vitest'
import type { Answer, Directory, DirectoryReader } from '../../src/ground/directory/directory.ts'
import { readerAddress } from '../../src/ground/directory/reader-address.ts'
import { displayText } from '../../src/ground/display/text.ts'
import { languageTag } from '../../src/ground/i18n/language-tag.ts'

/** What a directory is filled with. Each test has a world of its own. */
export interface DirectoryWorld {
  /** In the spelling in which an admin wrote them. Their domains are local. */
  readonly mailboxes: readonly SampleMailbox[]
  /** Which mailboxes read the mail of an address that is none; in the domains of the mailboxes. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>
  /** The option of this name; empty by default. */
  readonly recipientDelimiter?: string
}

export interface SampleMailbox {
  readonly address: string
  /** Switched off. */
  readonly isOff?: boolean
  readonly name?: string
  readonly language?: string
}

type Fact = 'aliases' | 'off' | 'names' | 'languages' | 'unknown'

export interface DirectoryMaker {
  readonly name: string
  /** What this kind of directory does not know. `unknown`: it takes each address for a mailbox. */
  readonly lacks?: readonly Fact[]
  make(world: DirectoryWorld): Promise<MadeDirectory>
}

export interface MadeDirectory extends AsyncDisposable {
  readonly directory: Directory
}

/** What every directory must do. */
export function directoryContract(maker: DirectoryMaker): void {
  const knows = (fact: Fact) => !maker.lacks?.includes(fact)
  const testIfItKnows = (fact: Fact) => (title: string, run: () => Promise<void>) => {
    if (knows(fact)) test(title, run)
  }

  describe(`the directory ${maker.name}`, () => {
    test('answers nothing when it is asked nothing', async () => {
      await using made = await maker.make({ mailboxes: [{ address: 'bob@example.com' }] })
      expect(await made.directory.find([])).toEqual(new Map())
    })

    test('says that a mailbox is read by its owner', async () => {
      await using made = await maker.make({ mailboxes: [{ address: 'bob@example.com' }] })
      const answer = await ask(made.directory, 'bob@example.com')
      expect(readersOf(answer)).toEqual(['bob@example.com'])
      expect(answer.readers[0]?.isOff).toBe(false)
      expect(answer.by.at(-1)).toMatchObject({ is: 'mailbox', to: 'bob@example.com' })
    })

    test('finds rows in any spelling, and answers in the normal form', async () => {
      const mailboxes = ['Bob@Example.COM', 'jürgen@example.com', 'eve@bücher.example']
      await using made = await maker.make({ mailboxes: mailboxes.map(address => ({ address })) })
      const asked = ['bob@example.com', 'jürgen@example.com', 'eve@xn--bcher-kva.example']
      const answers = await findAll(made.directory, asked)
      expect(answers.map(readersOf)).toEqual(asked.map(address => [address]))
    })

    testIfItKnows('unknown')('gives an address that no row has no reader', async () => {
      await using made = await maker.make({ mailboxes: [{ address: 'bob@example.com' }] })
      const answers = await findAll(made.directory, ['eve@example.com', 'bo@example.com', 'bobb@example.com'])
      for (const answer of answers) {
        expect(answer.readers).toEqual([])
        expect(answer.by.at(-1)).toMatchObject({ is: 'unknown', to: null })
      }
    })

    test('answers for a thousand addresses at once', async () => {
      const owners = Array.from({ length: 500 }, (_, index) => `owner${index}@example.com`)
      await using made = await maker.make({ mailboxes: owners.map(address => ({ address })) })
      const others = Array.from({ length: 500 }, (_, index) => `other${index}@example.com`)
      const answers = await findAll(made.directory, [...others, ...owners])
      expect(answers.slice(500).map(readersOf)).toEqual(owners.map(owner => [owner]))
      if (knows('unknown')) expect(answers.slice(0, 500).flatMap(readersOf)).toEqual([])
    })

    testIfItKnows('aliases')('leads from an alias to each mailbox that reads it', async () => {
      await using made = await maker.make({
        mailboxes: [{ address: 'zoe@example.com' }, { address: 'bob@example.com' }],
        aliases: {
          'Sales@example.com': ['zoe@example.com', 'bob@example.com'],
          'info@example.com': ['bob@example.com'],
        },
      })
      const [sales, info, bob] = await findAll(made.directory, [
        'sales@example.com',
        'info@example.com',
        'bob@example.com',
      ])
      expect(readersOf(sales)).toEqual(['bob@example.com', 'zoe@example.com'])
      expect(readersOf(info)).toEqual(['bob@example.com'])
      expect(readersOf(bob)).toEqual(['bob@example.com'])
      expect(info?.by[0]).toMatchObject({ from: 'info@example.com' })
    })

    testIfItKnows('off')('says that a mailbox is switched off', async () => {
      await using made = await maker.make({
        mailboxes: [{ address: 'bob@example.com', isOff: true }, { address: 'zoe@example.com' }],
        ...(knows('aliases')
          ? { aliases: { 'sales@example.com': ['bob@example.com', 'zoe@example.com'] } }
          : {}),
      })
      const bob = await ask(made.directory, 'bob@example.com')
      expect(bob.readers).toMatchObject([{ address: 'bob@example.com', isOff: true }])
      expect(bob.by.at(-1)).toMatchObject({ is: 'off' })
      if (!knows('aliases')) return
      const sales = await ask(made.directory, 'sales@example.com')
      expect(sales.readers.map(reader => reader.isOff)).toEqual([true, false])
    })

    test('drops the part after the recipient delimiter, unless a mailbox has it', async () => {
      await using made = await maker.make({
        mailboxes: [
          { address: 'bob@example.com' },
          { address: 'a+b@example.com' },
          { address: 'a@example.com' },
        ],
        recipientDelimiter: '+',
      })
      const [list, whole] = await findAll(made.directory, ['bob+list@example.com', 'a+b@example.com'])
      expect(readersOf(list)).toEqual(['bob@example.com'])
      expect(list?.by[0]).toMatchObject({
        is: 'extension',
        from: 'bob+list@example.com',
        to: 'bob@example.com',
      })
      if (knows('unknown')) expect(readersOf(whole)).toEqual(['a+b@example.com'])
    })

    testIfItKnows('unknown')('drops nothing without a delimiter', async () => {
      await using made = await maker.make({ mailboxes: [{ address: 'bob@example.com' }] })
      expect((await ask(made.directory, 'bob+list@example.com')).readers).toEqual([])
    })

    testIfItKnows('names')('tells the owner’s name, without what deceives or hides', async () => {
      const name = `Bob\u202Egnp\u200B ${'x'.repeat(200)}`
      await using made = await maker.make({
        mailboxes: [
          { address: 'bob@example.com', name: 'Bob Builder' },
          { address: 'eve@example.com', name },
        ],
      })
      const [bob, eve] = await findAll(made.directory, ['bob@example.com', 'eve@example.com'])
      expect(bob?.readers[0]?.name).toBe('Bob Builder')
      expect(eve?.readers[0]?.name).toMatch(/^Bobgnp x/)
    })

    testIfItKnows('languages')('tells the owner’s language if it is one', async () => {
      await using made = await maker.make({
        mailboxes: [
          { address: 'bob@example.com', language: 'fr' },
          { address: 'eve@example.com', language: '<' },
        ],
      })
      const [bob, eve] = await findAll(made.directory, ['bob@example.com', 'eve@example.com'])
      expect(bob?.readers[0]?.language).toBe('fr')
      expect(eve?.readers[0]?.language).toBeUndefined()
    })

    test('takes every character of an address for itself', async () => {
      await using made = await maker.make({ mailboxes: [{ address: 'bob@example.com' }] })
      const asked = HOSTILE.map(text => readerAddress(text)).filter(address => address !== undefined)
      expect(asked).toHaveLength(HOSTILE.length)
      const answers = await findAll(made.directory, asked)
      if (knows('unknown')) expect(answers.flatMap(readersOf)).toEqual([])
    })
  })
}

/** Wildcards, quotes and escapes of SQL and LDAP, and names of objects in JavaScript. */
const HOSTILE: readonly string[] = [
  '*@example.com',
  'bo%@example.com',
  'bo_@example.com',
  '"bob)(mail=*"@example.com',
  '"*))(|(mail=*"@example.com',
  '"bob\\\\"@example.com',
  '"\\\\2a"@example.com',
  "bob'or'1'='1@example.com",
  `"'';--"@example.com`,
  '"bob\\" or 1=1 -- "@example.com',
  '__proto__@example.com',
  'constructor@example.com',
  '":address"@example.com',
  '$1@example.com',
  '?@example.com',
  'bob@[192.0.2.1]',
  `${'x'.repeat(240)}@example.com`,
]

async function ask(directory: Directory, address: string): Promise<Answer> {
  const [answer] = await findAll(directory, [address])
  if (!answer) throw new Error(`no answer for ${address}`)
  return answer
}

/** The answers, in the order of the questions, after a look at what holds for each of them. */
async function findAll(directory: Directory, asked: readonly string[]): Promise<readonly Answer[]> {
  const found = await directory.find(asked)
  expect([...found.keys()].sort()).toEqual([...asked].sort())
  for (const answer of found.values()) expectSound(answer)
  return asked.map(address => found.get(address)).filter(answer => answer !== undefined)
}

function expectSound({ readers, by }: Answer): void {
  const addresses = readers.map(reader => reader.address)
  expect(addresses).toEqual([...new Set(addresses)].sort())
  for (const reader of readers) expectSoundReader(reader)
  expect(by.length).toBeGreaterThan(0)
  for (const { from, to } of by)
    for (const address of [from, to ?? from]) expect(readerAddress(address)).toBe(address)
}

function expectSoundReader({ address, name, client, language }: DirectoryReader): void {
  expect(readerAddress(address)).toBe(address)
  for (const text of [name, client]) {
    if (text === undefined) continue
    expect(text).toBe(displayText(text, text.length))
    expect(text.length).toBeGreaterThan(0)
    expect(text.length).toBeLessThan(150)
  }
  if (language !== undefined) expect(languageTag(language)).toBe(language)
}

const readersOf = (answer: Answer | undefined): string[] =>
  answer?.readers.map(({ address }) => address) ?? []
