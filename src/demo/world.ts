import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'

import { CodedError } from '../ground/errors.ts'
import { startNextMails } from './amavisd/next-mails.ts'
import { startAmPdpResponder } from './amavisd/responder.ts'
import { submitTo } from './amavisd/submit.ts'
import { createMailboxes } from './inbox/mailboxes.ts'
import { startInbox } from './inbox/server.ts'
import { SAMPLES } from './samples/samples.ts'
import { startSmtpCatcher } from './smtp-catcher.ts'
import { createStorage } from './storage/storage.ts'

export interface WorldOptions {
  /** Where the storage is created. The folder is removed at the end if it did not exist before. */
  readonly folder: string
  /** Milliseconds since the epoch. The samples arrived during the 20 hours before. */
  readonly now: number
  /** The port of the inbox page, 8025 if left out. If it is taken, a free one is used. */
  readonly inboxPort?: number
  readonly log: Logger
}

/** A temporary substitute for a mail system on this computer. */
export interface World extends AsyncDisposable {
  /** SQLite database with amavisd's tables. */
  readonly storageFile: string
  /** Accepts every mail for anybody, on 127.0.0.1. */
  readonly smtpPort: number
  /** Releases from `storageFile`, on 127.0.0.1. */
  readonly amPdpPort: number
  /** The page that shows the mail that the SMTP port accepted. */
  readonly inboxUrl: string
}

/** Starts the world around the program: storage with held mail, an SMTP catcher with its inbox, and an amavisd. */
export async function startWorld(options: WorldOptions): Promise<World> {
  await using started = new AsyncDisposableStack()
  const storageFile = claimStorageFile(options.folder, started)
  createStorage(storageFile, SAMPLES, options.now)
  const mailboxes = createMailboxes()
  const inbox = started.use(await startInbox(mailboxes, options.inboxPort ?? INBOX_PORT))
  const catcher = started.use(await startSmtpCatcher(mailboxes.receive))
  const amavisd = started.use(await startAmPdpResponder(storageFile, catcher.port))
  const nextMails = { submit: submitTo(catcher.port), clock: Date.now, log: options.log }
  started.use(startNextMails(storageFile, nextMails))
  const stack = started.move()
  return {
    storageFile,
    smtpPort: catcher.port,
    amPdpPort: amavisd.port,
    inboxUrl: inbox.url,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const INBOX_PORT = 8025

/** Leaves the folder as it was found. */
function claimStorageFile(folder: string, started: AsyncDisposableStack): string {
  const file = join(folder, 'amavis.sqlite')
  if (existsSync(file)) throw new CodedError('USAGE', `${file} already exists; choose another folder`)
  const created = mkdirSync(folder, { recursive: true, mode: 0o700 })
  started.defer(() => {
    for (const path of created ? [created] : [file, `${file}-wal`, `${file}-shm`]) {
      rmSync(path, { recursive: true, force: true })
    }
  })
  return file
}
