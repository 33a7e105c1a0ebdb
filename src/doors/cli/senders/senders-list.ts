import { displayText } from '../../../ground/display/text.ts'
import type { ListStanding, StoredEntry } from '../../../ground/senders/sender-lists.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from '../held/command-line-viewer.ts'
import { safeJson } from '../held/safe-json.ts'
import { table } from '../table.ts'
import { ownerArgument } from './owner-argument.ts'

/** Prints whom the mail filter always lets through, and whom it always holds, for an owner. */
export async function listSenders(cli: Cli, address: string, options: CommonOptions): Promise<void> {
  const owner = ownerArgument(address)
  const { entries, standing } = await withApp(cli, options, async app => {
    await app.checkOwnTables()
    return app.senders.lists(commandLineViewer(), owner)
  })
  const sorted = entries.toSorted((a, b) => (a.sender < b.sender ? -1 : 1))
  const note = STANDINGS[standing]
  if (options.json) {
    const senders = sorted.map(({ sender, list, counts }) => ({ sender, list, counts }))
    print(safeJson({ owner, standing, senders }))
  } else if (entries.length > 0) print(table(HEADER, sorted.map(rowOf)))
  else printNote(`There are no entries for ${owner}.`)
  if (note !== undefined) printNote(note)
}

const HEADER = ['sender', 'list', 'note']

/** Others may have written it. It must not affect the terminal. */
const rowOf = ({ sender, list, counts }: StoredEntry): string[] => [
  displayText(sender, 320),
  list,
  counts ? '' : 'has no effect: inactive, or in a form that never matches',
]

const STANDINGS: Readonly<Record<ListStanding, string | undefined>> = {
  follows: undefined,
  inherits: `amavisd ignores these lists: the mailbox has no policy of its own ("inherit" in ISPConfig). Give it one there.`,
  unknown: 'amavisd has no settings for this address, so it ignores these lists.',
}
