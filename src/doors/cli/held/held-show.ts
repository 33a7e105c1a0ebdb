import { openedJson } from '../../../desks/quarantine/held-json.ts'
import type { HeldRef } from '../../../work/collect/held-ref.ts'
import { type Cli, type CommonOptions, print, withApp } from '../context.ts'
import { commandLineViewer } from './command-line-viewer.ts'
import { type NameOptions, namedHeld } from './named-held.ts'
import { openedText } from './opened-text.ts'
import { safeJson } from './safe-json.ts'

export type ShowOptions = CommonOptions & NameOptions

/** Prints one message, for one recipient or for all of them. */
export async function showHeld(cli: Cli, mailId: string, options: ShowOptions): Promise<void> {
  const shown = await withApp(cli, options, async app => {
    await app.check()
    const [first, ...others] = await namedHeld(app, mailId, options)
    const viewer = commandLineViewer()
    const ref = others.length === 0 ? first.ref : wholeRef(first.ref)
    const opened = await app.quarantine.open(viewer, ref, { isLook: false })
    const recipients = opened.recipients.map(({ recipient }) => recipient)
    return openedJson(opened, await app.quarantine.readersOf(viewer, recipients))
  })
  print(options.json ? safeJson(shown) : openedText(shown))
}

/** The reference to a message for all its recipients. */
const wholeRef = (ref: HeldRef): HeldRef => ref.replace(/\.\d+$/, '')
