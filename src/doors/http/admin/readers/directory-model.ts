import type { ExplainedAddress } from '../../../../desks/admin/directory/explain-address.ts'
import type { DirectoryReader, Step } from '../../../../ground/directory/directory.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import type { Writer } from '../../web/writer.ts'
import { scopeLink } from '../frame/scope-page.ts'

/**
 * Who reads the mail of an address, and by which rows.
 *
 * @param explained undefined: the directory gives no answer now
 */
export function directoryModel(explained: ExplainedAddress | undefined, writer: Writer): object {
  if (!explained) return { away: true, own: false, nobody: false, readers: [], steps: [] }
  const { address, readers, by } = explained
  const isAlone = readers.length === 1 && readers[0]?.address === address
  const isOff = readers.every(reader => reader.isOff)
  return {
    away: false,
    own: isAlone && !isOff,
    nobody: isOff,
    readers: readers.map(reader => readerModel(reader, address, writer)),
    steps: by.map(step => ({
      sentence: stepWords(step, writer),
      row: step.row === null ? undefined : displayText(step.row, MAX_ROW),
    })),
  }
}

const MAX_ROW = 300

function readerModel({ address, isOff, name, client }: DirectoryReader, whose: string, writer: Writer) {
  const { words } = writer
  return {
    ...scopeLink(address, writer),
    isSelf: address === whose,
    off: isOff ? words.say('admin.readers.directory.off') : undefined,
    name: shown('name', name, writer),
    client: shown('client', client, writer),
  }
}

const shown = (field: 'name' | 'client', text: string | undefined, { words }: Writer): string | undefined =>
  text === undefined
    ? undefined
    : words.say(`admin.readers.directory.${field}`, { [field]: displayText(text, MAX_NAME) })

const MAX_NAME = 100

function stepWords({ is, from, to }: Step, { words }: Writer): string {
  const key = is === 'outside' && to !== null ? 'outsideAllowed' : is
  return words.say(`directory.step.${key}`, {
    from: displayAddress(from, 255),
    to: to === null ? '–' : displayAddress(to, 255),
  })
}
