import type { Answer, DirectoryReader, Step } from '../directory.ts'
import type { Entry } from './entry.ts'
import type { LookedUp } from './look-up.ts'

/**
 * Follows an address to the mailboxes that read it.
 *
 * @param known what was looked up
 */
export function followAddress(
  asked: string,
  known: ReadonlyMap<string, LookedUp>,
  isOutsideReader: (address: string) => boolean,
): Answer {
  const steps: Step[] = []
  const readers: DirectoryReader[] = []
  const seen = new Set([asked])
  const ways: Way[] = [{ address: asked, before: [] }]
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const place = placeOf(way, known, isOutsideReader)
    steps.push(...place.steps)
    readers.push(...place.readers)
    for (const address of place.forwards) {
      if (way.before.includes(address) || address === way.address)
        steps.push({ is: 'loop', from: address, to: null, row: null })
      if (seen.has(address)) continue
      seen.add(address)
      ways.push({ address, before: [...way.before, way.address] })
    }
    if (steps.length > MAX_STEPS)
      return {
        readers: [],
        by: [...steps.slice(0, MAX_STEPS), { is: 'too-many', from: asked, to: null, row: null }],
      }
  }
  return { readers: merged(readers), by: steps }
}

/** An admin could not read more, and a remembered answer should stay small. */
const MAX_STEPS = 2_000

/** An address that the mail reaches, and those that it came by. */
interface Way {
  readonly address: string
  readonly before: readonly string[]
}

/** What happens to mail at an address. */
interface Place {
  readonly steps: readonly Step[]
  readonly readers: readonly DirectoryReader[]
  readonly forwards: readonly string[]
}

function placeOf(
  { address: whole, before }: Way,
  known: ReadonlyMap<string, LookedUp>,
  isOutsideReader: (address: string) => boolean,
): Place {
  const lookedUp = known.get(whole)
  if (lookedUp === undefined || lookedUp.entries === 'too-many')
    return end({ is: 'too-many', from: lookedUp?.address ?? whole, to: null, row: null })
  const { address, entries } = lookedUp
  if (entries.length === 0 && before.length > 0) return outside(whole, isOutsideReader(whole))
  const extension: readonly Step[] =
    address === whole ? [] : [{ is: 'extension', from: whole, to: address, row: null }]
  const places = entries.map(entry => placeOfEntry(address, entry))
  const unknown: readonly Step[] =
    places.length === 0 ? [{ is: 'unknown', from: address, to: null, row: null }] : []
  return {
    steps: [...extension, ...unknown, ...places.flatMap(({ steps }) => steps)],
    readers: places.flatMap(({ readers }) => readers),
    forwards: places.flatMap(({ forwards }) => forwards),
  }
}

/** An address that no entry has, to which an entry sends its mail. */
function outside(address: string, isReader: boolean): Place {
  if (!isReader) return end({ is: 'outside', from: address, to: null, row: null })
  const step: Step = { is: 'outside', from: address, to: address, row: null }
  return { steps: [step], readers: [{ address, isOff: false }], forwards: [] }
}

/** Mail to a mailbox that is switched off is not sent on. */
function placeOfEntry(from: string, entry: Entry): Place {
  const { reader, isOff, row } = entry
  const own = reader === undefined ? [] : stepsToMailbox(from, reader, entry)
  const readers = reader === undefined ? [] : [readerOf(reader, entry)]
  if (isOff)
    return { steps: reader === undefined ? [{ is: 'off', from, to: null, row }] : own, readers, forwards: [] }
  if (entry.forwards === 'too-many') return end({ is: 'too-many', from, to: null, row })
  const forwards = entry.forwards.map(to => ({ is: 'forward', from, to, row }) as const)
  if (reader === undefined && forwards.length === 0) return end({ is: 'unknown', from, to: null, row })
  return { steps: [...own, ...forwards], readers, forwards: entry.forwards }
}

function stepsToMailbox(from: string, reader: string, { isOff, row }: Entry): readonly Step[] {
  const mailbox: Step = { is: isOff ? 'off' : 'mailbox', from: reader, to: reader, row }
  return from === reader ? [mailbox] : [{ is: 'alias', from, to: reader, row }, mailbox]
}

const readerOf = (address: string, { isOff, language, name }: Entry): DirectoryReader => ({
  address,
  isOff,
  language,
  name,
})

const end = (step: Step): Place => ({ steps: [step], readers: [], forwards: [] })

/** Of several entries with one mailbox, one that is switched off is enough: its owner may have left. */
function merged(readers: readonly DirectoryReader[]): readonly DirectoryReader[] {
  const byAddress = Map.groupBy(readers, ({ address }) => address)
  return [...byAddress]
    .map(([address, same]) => ({
      address,
      isOff: same.some(({ isOff }) => isOff),
      language: same.find(({ language }) => language !== undefined)?.language,
      name: same.find(({ name }) => name !== undefined)?.name,
    }))
    .sort((one, other) => (one.address < other.address ? -1 : 1))
}
