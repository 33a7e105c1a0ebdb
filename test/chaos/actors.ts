import { setTimeout as wait } from 'node:timers/promises'
import { hold } from '../embedded/held-mail.ts'
import { inject } from '../servers/inject.ts'
import { spamMail } from '../servers/samples.ts'
import { FORM, follow, JSON_ONLY } from '../stack/follow.ts'
import type { Member } from './processes.ts'
import type { Random } from './random.ts'
import type { ChaosWorld, ReleaseLink } from './world.ts'

/** An activity that goes on until it is stopped. */
export interface Actor {
  /** Resolves when the work under way is finished. */
  stop(): Promise<void>
}

export interface MailPace {
  readonly readers: number
  /** Messages stored per second, in addition to those that go through amavisd. */
  readonly perSecond: number
}

/** Keeps held mail coming. Most messages are stored the way amavisd stores them; some go through amavisd itself. */
export function startMail(world: ChaosWorld, random: Random, pace: MailPace): Actor {
  let count = 0
  const subject = () => `Offer ${++count}`
  const reader = () => `reader${random.between(1, pace.readers)}@example.com`
  const stored = repeatedly(world, STORE_EVERY, async () => {
    const size = Math.ceil((pace.perSecond * STORE_EVERY) / 1000)
    await store(
      world,
      Array.from({ length: size }, () => ({ subject: subject(), recipient: reader() })),
    )
  })
  const scanned = repeatedly(world, SCAN_EVERY, async () => {
    const to = [...new Set(Array.from({ length: random.between(1, 3) }, reader))]
    await inject(
      world.amavisd.smtpPort,
      { from: 'sam@sender.example.net', to },
      spamMail({ subject: subject() }),
    )
  })
  return { stop: async () => void (await Promise.all([stored.stop(), scanned.stop()])) }
}

/** Milliseconds. */
const STORE_EVERY = 500
const SCAN_EVERY = 1_500

/** Repeats some work. Failures while something is away are only logged: the tables show what was really done. */
function repeatedly(world: ChaosWorld, every: number, work: () => Promise<void>): Actor {
  let isWanted = true
  let complaint = ''
  const complain = ({ message }: Error) => {
    if (message !== complaint) world.log(`not done: ${message}`)
    complaint = message
  }
  const loop = async () => {
    while (isWanted) {
      await work().catch(complain)
      await wait(every)
    }
  }
  const ended = loop()
  return {
    stop: () => {
      isWanted = false
      return ended
    },
  }
}

/** Stores all of these mails or none, each with its text in the quarantine. */
async function store(
  world: ChaosWorld,
  mails: readonly { readonly subject: string; readonly recipient: string }[],
): Promise<void> {
  await world.storage.sql.transaction().execute(async transaction => {
    const receivedAt = Date.now()
    const inside = { ...world.storage, sql: transaction }
    const keys = await hold(inside, ...mails.map(mail => ({ ...mail, receivedAt })))
    const texts = keys.map((key, index) => ({
      partition_tag: key.partitionTag,
      mail_id: key.mailId,
      chunk_ind: 1,
      mail_text: Buffer.from(textOf(key.mailId, mails[index]?.recipient ?? '', mails[index]?.subject ?? '')),
    }))
    await transaction
      .insertInto('quarantine')
      .values(texts as never)
      .execute()
  })
}

/** The text that amavisd keeps: the message with its envelope in header fields. */
const textOf = (mailId: string, recipient: string, subject: string): string =>
  [
    'X-Envelope-From: <sam@sender.example.net>',
    `X-Envelope-To: <${recipient}>`,
    `X-Quarantine-ID: <${mailId}>`,
    ...spamMail({ subject, to: recipient }).split('\r\n'),
  ].join('\n')

export interface ClickHabits {
  /** The share of links that readers follow. */
  readonly share: number
  /** The share of those links that are followed twice at once. */
  readonly twice: number
  /** The share of readers who ask for another copy when one may have arrived. */
  readonly again: number
}

/** Lets readers follow the links of their digests, a few at a time. */
export function startClicks(
  world: ChaosWorld,
  random: Random,
  members: readonly Member[],
  habits: ClickHabits,
): Actor {
  const links: ReleaseLink[] = []
  const leaving = new AbortController()
  world.onLink = link => {
    if (links.length < MOST_LINKS && random.chance(habits.share)) links.push(link)
  }
  const click = async (link: ReleaseLink, again: boolean): Promise<string> => {
    const told = await post(random.pick(members), link, again, leaving.signal)
    world.ledger.answers.push({ at: Date.now(), subject: link.subject, reader: link.reader, again, told })
    return told
  }
  const followLink = async (link: ReleaseLink) => {
    if (random.chance(habits.twice)) await Promise.all([click(link, false), click(link, false)])
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const told = await click(link, false)
      if (told === 'RELEASE_UNCERTAIN' && random.chance(habits.again)) await click(link, true)
      if (!TRY_AGAIN.has(told) || leaving.signal.aborted) return
      await wait(500)
    }
  }
  const readers = Array.from({ length: READERS_AT_ONCE }, () =>
    repeatedly(world, 20, async () => {
      const link = links.shift()
      if (link) await followLink(link)
    }),
  )
  return {
    stop: async () => {
      world.onLink = () => undefined
      links.length = 0
      // An answer waits for the lease of a claim whose process died. These readers do not wait that long.
      setTimeout(() => leaving.abort(), 2_000)
      await Promise.all(readers.map(reader => reader.stop()))
    },
  }
}

const MOST_LINKS = 200
const READERS_AT_ONCE = 10
const ATTEMPTS = 2

/** Milliseconds. An answer may have to wait for a claim whose process died; other readers should click meanwhile. */
const CLICK_WITHIN = 4_000

/** Answers after which a reader tries again: none came, or the database was away. */
const TRY_AGAIN: ReadonlySet<string> = new Set([
  'none',
  'INTERNAL',
  'DATABASE_UNREACHABLE',
  'DATABASE_REFUSED',
])

async function post(
  member: Member,
  link: ReleaseLink,
  again: boolean,
  leaving: AbortSignal,
): Promise<string> {
  const request = {
    method: 'POST',
    headers: { ...JSON_ONLY, ...FORM },
    body: again ? 'again=yes' : '',
    signal: AbortSignal.any([leaving, AbortSignal.timeout(CLICK_WITHIN)]),
  }
  try {
    const { json, status } = await follow(member, link.url, request)
    return String((json?.status === 'failed' ? json.code : json?.status) ?? status)
  } catch {
    return 'none'
  }
}
