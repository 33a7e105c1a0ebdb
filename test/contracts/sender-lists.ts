import { describe, expect, test } from 'vitest'
import type { ListEntry, ListStanding, SenderLists } from '../../src/ground/senders/sender-lists.ts'

/** Lists of their own for each test, in which these owners can have entries. */
export interface MadeSenderLists extends AsyncDisposable {
  readonly lists: SenderLists
  /** Another process of ours. */
  open(): SenderLists
  /** Writes an entry as another tool might, without looking at its form. */
  addForeign(owner: string, entry: ListEntry): Promise<void>
  /** Many at once. */
  addMany(owner: string, entries: readonly ListEntry[]): Promise<void>
  /** From now on, nobody answers where the lists are. */
  goAway(): Promise<void>
}

export interface SenderListsMaker {
  readonly name: string
  /** What `read` says of an address that has no settings there. */
  readonly stranger: ListStanding
  make(owners: readonly string[]): Promise<MadeSenderLists>
}

const ALICE = 'alice@example.com'
const BEN = 'ben@example.com'

/** What every adapter of allow and block lists promises. */
export function senderListsContract({ name, make, stranger }: SenderListsMaker): void {
  describe(`sender lists by ${name}`, () => {
    const allow = (sender: string): ListEntry => ({ sender, list: 'allow' })
    const block = (sender: string): ListEntry => ({ sender, list: 'block' })
    const entriesOf = async (lists: SenderLists, owner: string) =>
      (await lists.read(owner)).entries.map(({ sender, list, counts }) => [sender, list, counts])

    test('entries are set, read, replaced and removed, each owner’s apart', async () => {
      await using made = await make([ALICE, BEN, '@example.com'])
      const { lists } = made
      expect(await lists.read(ALICE)).toEqual({ entries: [], standing: 'follows' })
      for (const sender of [
        'bob@shop.example',
        '@shop.example',
        '@.xn--bcher-kva.example',
        'a+b@shop.example',
      ])
        await lists.set(ALICE, allow(sender))
      await lists.set(BEN, block('bob@shop.example'))
      await lists.set('@example.com', block('bob@shop.example'))
      await lists.set(ALICE, block('@shop.example'))
      await lists.set(ALICE, allow('bob@shop.example'))
      expect(await entriesOf(made.open(), ALICE)).toEqual([
        ['@.xn--bcher-kva.example', 'allow', true],
        ['@shop.example', 'block', true],
        ['a+b@shop.example', 'allow', true],
        ['bob@shop.example', 'allow', true],
      ])
      expect(await lists.remove(ALICE, 'bob@shop.example')).toBe(true)
      expect(await lists.remove(ALICE, 'bob@shop.example')).toBe(false)
      expect(await lists.remove(ALICE, 'nobody@shop.example')).toBe(false)
      expect(await entriesOf(lists, ALICE)).toHaveLength(3)
      expect(await entriesOf(lists, BEN)).toEqual([['bob@shop.example', 'block', true]])
      expect(await entriesOf(lists, '@example.com')).toEqual([['bob@shop.example', 'block', true]])
    })

    test('an address without settings has no entries, and its standing is said', async () => {
      await using made = await make([ALICE])
      expect(await made.lists.read('stranger@example.org')).toEqual({ entries: [], standing: stranger })
      expect(await made.lists.remove('stranger@example.org', 'bob@shop.example')).toBe(false)
    })

    test('what others wrote is shown and kept, and can be removed as it is written', async () => {
      await using made = await make([ALICE])
      for (const sender of ['shop.example', '*@shop.example', '@.', 'Bob "x"@shop.example'])
        await made.addForeign(ALICE, block(sender))
      await made.lists.set(ALICE, allow('bob@shop.example'))
      const entries = await entriesOf(made.lists, ALICE)
      expect(entries).toEqual(
        expect.arrayContaining([
          ['*@shop.example', 'block', false],
          ['@.', 'block', true],
          ['bob@shop.example', 'allow', true],
          ['shop.example', 'block', false],
        ]),
      )
      expect(entries).toHaveLength(5)
      expect(await made.lists.remove(ALICE, '*@shop.example')).toBe(true)
      expect(await entriesOf(made.lists, ALICE)).toHaveLength(4)
    })

    test('that entries can be written is proven without writing any', async () => {
      await using made = await make([ALICE])
      await made.lists.set(ALICE, allow('bob@shop.example'))
      await made.lists.prove?.()
      expect(await entriesOf(made.lists, ALICE)).toEqual([['bob@shop.example', 'allow', true]])
    })

    test('hostile senders are texts like others', async () => {
      await using made = await make([ALICE])
      const senders = [`o'brien@shop.example`, `%@shop.example`, `a_b@shop.example`, `"--;@shop.example`]
      for (const sender of senders) await made.lists.set(ALICE, allow(sender))
      await made.lists.set(ALICE, block('axb@shop.example'))
      expect(await made.lists.remove(ALICE, '%@shop.example')).toBe(true)
      expect((await made.lists.read(ALICE)).entries.map(({ sender }) => sender).sort()).toEqual(
        [...senders.filter(sender => !sender.startsWith('%')), 'axb@shop.example'].sort(),
      )
    })

    test('processes that write at once lose nothing and double nothing', async () => {
      await using made = await make([ALICE, BEN])
      const processes = [made.lists, made.open(), made.open()]
      const senders = ['a@shop.example', 'b@shop.example', '@c.example']
      await Promise.all(
        processes.flatMap(lists =>
          senders.flatMap(sender => [lists.set(ALICE, allow(sender)), lists.set(BEN, block(sender))]),
        ),
      )
      const sorted = senders.toSorted()
      expect(await entriesOf(made.lists, ALICE)).toEqual(sorted.map(sender => [sender, 'allow', true]))
      expect(await entriesOf(made.lists, BEN)).toEqual(sorted.map(sender => [sender, 'block', true]))
    })

    test('ten thousand entries are listed, and one of them is changed or removed', async () => {
      await using made = await make([ALICE])
      const sender = (index: number) => `s${index}@shop.example`
      await made.addMany(
        ALICE,
        Array.from({ length: 10_000 }, (_, index) => block(sender(index))),
      )
      expect((await made.lists.read(ALICE)).entries).toHaveLength(10_000)
      await made.lists.set(ALICE, allow(sender(9999)))
      expect(await made.lists.remove(ALICE, sender(9998))).toBe(true)
    })

    test('when nobody answers, it says so', async () => {
      await using made = await make([ALICE])
      await made.goAway()
      const unreachable = { code: 'SENDERS_UNREACHABLE' }
      await expect(made.lists.read(ALICE)).rejects.toMatchObject(unreachable)
      await expect(made.lists.set(ALICE, allow('bob@shop.example'))).rejects.toMatchObject(unreachable)
      await expect(made.lists.remove(ALICE, 'bob@shop.example')).rejects.toMatchObject(unreachable)
    })
  })
}
