import { DatabaseSync } from 'node:sqlite'
import type { Logger } from 'pino'
import { repeat } from '../../ground/concurrency/repeat.ts'
import { SECOND } from '../../ground/durations.ts'
import type { Sample } from '../samples/sample.ts'
import { composeMessage } from '../storage/compose.ts'
import { storeSample } from '../storage/storage.ts'
import type { Submit } from './release.ts'

/**
 * Lets each sender whom somebody has just allowed or blocked write again, so that the demo shows what the entry does:
 * like amavisd, it lets the mail of an allowed sender through, and holds that of a blocked one.
 */
export function startNextMails(
  storageFile: string,
  { submit, clock, log }: { readonly submit: Submit; readonly clock: () => number; readonly log: Logger },
): AsyncDisposable {
  const database = new DatabaseSync(storageFile, { timeout: PATIENCE })
  const stop = new AbortController()
  let written: ReadonlySet<string> = new Set()
  const look = async (): Promise<void> => {
    const entries = entriesIn(database)
    const fresh = entries.filter(({ key }) => !written.has(key))
    // Whoever is taken from the list and put on it again writes again.
    written = new Set(entries.map(({ key }) => key))
    for (const entry of fresh) await writeAgain(database, entry, { submit, now: clock() })
  }
  const looking = repeat(look, LOOK_EVERY, stop.signal, error =>
    log.error({ err: error }, 'the next mail of a sender could not be made'),
  )
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await looking.ended
      database.close()
    },
  }
}

/** Milliseconds to wait while the program writes. */
const PATIENCE = 5 * SECOND

/** Milliseconds. */
const LOOK_EVERY = 2 * SECOND

/** A row of amavisd's lists. */
interface Entry {
  readonly key: string
  readonly recipient: string
  readonly sender: string
  readonly isAllowed: boolean
}

/** Entries of single mailboxes: whom else a domain's entry would concern, nobody knows. */
function entriesIn(database: DatabaseSync): Entry[] {
  const rows = database
    .prepare(
      `SELECT users.email AS recipient, mailaddr.email AS sender, wblist.wb AS wb
         FROM wblist JOIN users ON users.id = wblist.rid JOIN mailaddr ON mailaddr.id = wblist.sid
        WHERE users.email NOT LIKE '@%' AND wblist.wb IN ('W', 'B')`,
    )
    .all()
  return rows.map(({ recipient, sender, wb }) => ({
    key: `${recipient} ${sender} ${wb}`,
    recipient: String(recipient),
    sender: addressFor(String(sender)),
    isAllowed: wb === 'W',
  }))
}

/** Somebody of the domain, where the entry is for a whole domain. */
const addressFor = (pattern: string): string => (pattern.startsWith('@') ? `office${pattern}` : pattern)

async function writeAgain(
  database: DatabaseSync,
  { sender, recipient, isAllowed }: Entry,
  { submit, now }: { readonly submit: Submit; readonly now: number },
): Promise<void> {
  const sample: Sample = {
    minutesAgo: 0,
    sender,
    from: { address: sender },
    subject: 'Did my last mail reach you?',
    verdicts: [{ recipient, content: 'S', score: 0, ...(!isAllowed && { isBlockListed: true }) }],
    text: 'Hello,\n\nI wrote to you, and heard nothing. So I am writing once more.\n',
  }
  if (isAllowed) await submit({ sender, recipient, text: composeMessage(sample, now) })
  else storeSample(database, sample, now, 0)
}
