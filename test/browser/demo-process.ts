import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { quickFolder } from '../quick-folder.ts'
import { startChild } from '../servers/child.ts'
import { CLI } from '../servers/cli-file.ts'
import { waitUntil } from '../servers/wait.ts'

/** A mail as the API of the demo's inbox describes it. */
export interface InboxMail {
  readonly id: number
  readonly to: string
  readonly subject: string
  /** Whether it came out of the quarantine. */
  readonly released: boolean
}

export interface DigestMail extends InboxMail {
  readonly html: string
  readonly text: string
}

/** `amavis-digest demo` as a process, with its own folder for temporary files. */
export interface DemoProcess extends AsyncDisposable {
  /** Sends SIGINT, as Ctrl-C does. @returns the exit status */
  interrupt(): Promise<number | null>
  /** The names of its temporary files. */
  temporaryFiles(): readonly string[]
  /** Whether any of its processes is still running. */
  isAlive(): boolean
  output(): string
  /** Waits until it has printed its addresses. */
  ready(): Promise<Demo>
}

/** A demo whose first digests have arrived. Its addresses have no trailing slash. */
export interface Demo {
  readonly inbox: string
  readonly links: string
  /** Signs an admin in, once. */
  readonly admin: string
  /** Milliseconds from the start of the process. */
  readonly readyAfter: number
  mails(): Promise<readonly InboxMail[]>
  /** One of them, with what it says. */
  mail(id: number): Promise<DigestMail>
  /** The link in the newest mail that signs this reader in. */
  signInLinkOf(reader: string): Promise<string>
  /** The digest that a reader has received. */
  digestOf(reader: string): Promise<DigestMail>
}

export function startDemo(ports: { readonly links?: number; readonly inbox?: number } = {}): DemoProcess {
  const temporary = mkdtempSync(join(quickFolder(), 'demo-test-'))
  const startedAt = performance.now()
  const args = [
    'demo',
    '--json',
    '--port',
    String(ports.links ?? 0),
    '--inbox-port',
    String(ports.inbox ?? 0),
  ]
  const child = startChild(process.execPath, [CLI, ...args], {
    env: { ...process.env, TMPDIR: temporary, TZ: 'Europe/Paris' },
  })
  return {
    interrupt: () => {
      process.kill(child.pid, 'SIGINT')
      return child.ended
    },
    temporaryFiles: () => readdirSync(temporary),
    isAlive: () => isGroupAlive(child.pid),
    output: child.output,
    ready: async () => {
      const urls = await child.whileAlive(waitUntil('the demo', () => addressesIn(child.output())))
      return demoAt(urls, performance.now() - startedAt)
    },
    [Symbol.asyncDispose]: async () => {
      await child.stop()
      rmSync(temporary, { recursive: true, force: true })
    },
  }
}

interface Addresses {
  readonly inbox: string
  readonly links: string
  readonly admin: string
}

function addressesIn(output: string): Addresses | undefined {
  const line = /^\{.*\}$/m.exec(output)?.[0]
  if (line === undefined) return undefined
  const { inbox, links, admin }: Addresses = JSON.parse(line)
  return { inbox: inbox.replace(/\/$/, ''), links: links.replace(/\/$/, ''), admin }
}

function demoAt({ inbox, links, admin }: Addresses, readyAfter: number): Demo {
  const mails = () => jsonAt<readonly InboxMail[]>(`${inbox}/api/mails`)
  const mail = (id: number) => jsonAt<DigestMail>(`${inbox}/api/mails/${id}`)
  // A link works once, and the mail with a new one may not have come yet.
  const followed = new Set<number>()
  return {
    inbox,
    links,
    admin,
    readyAfter,
    mails,
    mail,
    signInLinkOf: async reader => {
      const { id } = await waitUntil(`the sign-in link of ${reader}`, async () =>
        (await mails()).find(
          ({ id, to, subject }) => !followed.has(id) && to === reader && /sign-in link/i.test(subject),
        ),
      )
      followed.add(id)
      const { text } = await mail(id)
      return /^https?:\S+\/sign-in\/\S+$/m.exec(text)?.[0] ?? ''
    },
    digestOf: async reader => {
      const { id } = await waitUntil(`the digest of ${reader}`, async () =>
        (await mails()).find(({ to, subject }) => to === reader && /held back/.test(subject)),
      )
      return mail(id)
    },
  }
}

async function jsonAt<T>(url: string): Promise<T> {
  const body: unknown = await (await fetch(url)).json()
  return body as T
}

function isGroupAlive(processGroup: number): boolean {
  try {
    return process.kill(-processGroup, 0)
  } catch {
    return false
  }
}
