import type { SenderCaution } from '../../../desks/senders/sender-desk.ts'
import type { SenderEntry, SenderList } from '../../../rules/senders/sender-entry.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from '../held/command-line-viewer.ts'
import { safeJson } from '../held/safe-json.ts'
import { ownerArgument } from './owner-argument.ts'

/** Allows or blocks a sender, and says what speaks against it. */
export async function setSender(
  cli: Cli,
  address: string,
  wanted: SenderEntry,
  options: CommonOptions,
): Promise<void> {
  const wantedOwner = ownerArgument(address)
  const { owner, entry, former, cautions } = await withApp(cli, options, async app => {
    await app.checkOwnTables()
    return app.senders.set(commandLineViewer(), wantedOwner, wanted)
  })
  if (options.json) print(safeJson({ owner, ...entry, former: former ?? null, cautions }))
  printNote(`${entry.sender} ${DONE[entry.list]}, for ${owner}.${formerText(former, entry)}`)
  for (const caution of cautions) printNote(CAUTIONS[caution])
}

const DONE: Readonly<Record<SenderList, string>> = {
  allow: 'is always let through the spam check',
  block: 'is always held',
}

const formerText = (former: SenderList | undefined, { list }: SenderEntry): string =>
  former === undefined
    ? ''
    : former === list
      ? ' It was so before.'
      : ` Before, it was on the other list (${former}).`

const CAUTIONS: Readonly<Record<SenderCaution, string>> = {
  authentication: 'Careful: the message failed SPF, DKIM or DMARC.',
  forgeable: 'Careful: whoever writes this sender into the From field is let in, too.',
  ignored:
    'But amavisd does not follow the lists of this address: it has no settings or no policy of its own.',
  'not-spam': 'But the lists skip only the spam check, and the message was held for another reason.',
}

/** Takes a sender off both lists. It fails where there was no entry. */
export async function removeSender(
  cli: Cli,
  address: string,
  sender: string,
  options: CommonOptions,
): Promise<void> {
  const owner = ownerArgument(address)
  const removed = await withApp(cli, options, async app => {
    await app.checkOwnTables()
    return app.senders.remove(commandLineViewer(), owner, sender)
  })
  if (options.json) print(safeJson({ owner, sender, removed }))
  if (removed) return printNote(`${sender} is on neither list of ${owner} any more.`)
  printNote(`There is no entry for ${sender}. "amavis-digest senders list ${owner}" shows what there is.`)
  process.exitCode = 1
}
