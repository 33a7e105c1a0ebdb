import { CodedError } from '../../../ground/errors.ts'
import type { Verdict } from '../../../work/learning/lesson.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from './command-line-viewer.ts'
import { type NameOptions, oneNamedHeld } from './named-held.ts'

export interface LearnOptions extends CommonOptions, NameOptions {
  readonly spam?: boolean
  readonly notSpam?: boolean
}

/** Tells the filter what a message was. */
export async function learnHeld(cli: Cli, mailId: string, options: LearnOptions): Promise<void> {
  const verdict = verdictOf(options)
  const lesson = await withApp(cli, options, async app => {
    await app.check()
    const { ref } = await oneNamedHeld(app, mailId, options)
    return app.learning.teach(commandLineViewer(), ref, { verdict })
  })
  if (options.json) print(JSON.stringify({ verdict, at: new Date(lesson.at).toISOString() }))
  printNote(`The filter has been told that it was ${verdict === 'spam' ? 'spam' : 'no spam'}.`)
}

/** @throws CodedError USAGE */
function verdictOf({ spam = false, notSpam = false }: LearnOptions): Verdict {
  if (spam === notSpam) throw new CodedError('USAGE', 'Say what it was: --spam or --not-spam.')
  return spam ? 'spam' : 'notSpam'
}
