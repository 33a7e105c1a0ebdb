import type { Command } from 'commander'
import { openedJson } from '../../../desks/quarantine/held-json.ts'
import { parseHeldRef } from '../../../work/quarantine/held-ref.ts'
import { type Cli, type CommonOptions, print, withApp } from '../context.ts'
import { commandLineViewer } from './command-line-viewer.ts'
import { type NameOptions, namedHeld } from './named-held.ts'
import { openedText } from './opened-text.ts'
import { safeJson } from './safe-json.ts'

type ShowOptions = CommonOptions & NameOptions

export const showCommand =
  (cli: Cli) =>
  async (mailId: string, _options: ShowOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<ShowOptions>()
    const shown = await withApp(cli, options, async app => {
      await app.check()
      const found = await namedHeld(app, mailId, options)
      const [first] = found
      const isOne = found.length === 1
      const viewer = commandLineViewer()
      const opened = await app.quarantine.open(viewer, (isOne && first?.ref) || wholeRef(first?.ref ?? ''))
      const recipients = opened.recipients.map(({ recipient }) => recipient)
      return openedJson(opened, await app.quarantine.readersOf(viewer, recipients))
    })
    print(options.json ? safeJson(shown) : openedText(shown))
  }

/** The reference to a message for all its recipients. */
const wholeRef = (ref: string): string => {
  const { partitionTag, mailId } = parseHeldRef(ref) ?? {}
  return `${partitionTag}.${mailId}`
}
