import { withoutTestStrings } from '../../../ground/display/disguise.ts'
import { formatTime } from '../../../ground/display/format.ts'
import { type Quotation, quoting } from '../../../ground/display/quote.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { type Medium, placeOf } from './frame-model.ts'
import type { ReleaseNews } from './release-news.ts'
import { MAX_LABEL, MAX_SUBJECT, type RowModel, rowMaker } from './row-model.ts'
import type { DigestView, NewsEntry, StillWaiting } from './view.ts'

/** What a digest says about earlier ones. */
export interface HistoryModel {
  readonly news: NewsModel | undefined
  readonly waiting: WaitingModel | undefined
}

export interface NewsModel {
  readonly title: string
  readonly lines: readonly NewsLine[]
  /** A sentence about how many more there are; may be empty. */
  readonly more: string
}

/** One line about a release. */
export interface NewsLine {
  /** The message's subject. */
  readonly title: string
  readonly spokenTitle: string
  /** What happened, and what to do. */
  readonly what: string
  /** Empty when there is no link to open. */
  readonly url: string
  readonly button: string
  readonly label: string
}

/** Messages that earlier digests have listed. Sentences may be empty. */
export interface WaitingModel {
  readonly title: string
  readonly count: string
  readonly soon: string
  readonly rows: readonly RowModel[]
  /** A sentence about how many more expire soon. */
  readonly more: string
  /** A sentence about where to find the messages that are not listed here. */
  readonly others: string
}

export function historyModels(view: DigestView, words: Words): Readonly<Record<Medium, HistoryModel>> {
  const rowOf = rowMaker(view, words)
  const quote = quoting(view.quotesLiterally === true)
  const rows = (view.waiting?.entries ?? []).map((entry, index) => rowOf(entry, index + 1))
  const modelOf = (medium: Medium): HistoryModel => ({
    news: newsOf(view, words, quote, medium),
    waiting:
      view.waiting &&
      waitingOf(
        view.waiting,
        rows.map(row => row[medium]),
        words,
      ),
  })
  return { html: modelOf('html'), text: modelOf('text') }
}

function waitingOf(waiting: StillWaiting, rows: readonly RowModel[], words: Words): WaitingModel {
  const { total, isAtLeast, soon } = waiting
  return {
    title: words.say('digest.waiting.title'),
    count: words.say(`digest.waiting.${isAtLeast ? 'countAtLeast' : 'count'}`, { count: total }),
    soon: soon === 0 ? '' : words.say('digest.waiting.soon', { count: soon }),
    rows,
    more: soon === rows.length ? '' : words.say('digest.waiting.moreSoon', { rest: soon - rows.length }),
    others: othersOf(waiting, words),
  }
}

function othersOf({ total, soon, entries }: StillWaiting, words: Words): string {
  if (soon === 0) return words.say('digest.waiting.where', { count: total })
  return total === entries.length ? '' : words.say('digest.waiting.others')
}

type Quote = (text: string) => Quotation

function newsOf(view: DigestView, words: Words, quote: Quote, medium: Medium): NewsModel | undefined {
  if (view.news.length === 0) return undefined
  return {
    title: words.say('digest.news.title'),
    lines: view.news.map(entry => lineOf(entry, view, words, quote, medium)),
    more: view.moreNews === 0 ? '' : words.say('digest.more', { rest: view.moreNews }),
  }
}

function lineOf(entry: NewsEntry, view: DigestView, words: Words, quote: Quote, medium: Medium): NewsLine {
  const subject =
    withoutTestStrings(displayText(entry.mail?.subject ?? '', MAX_SUBJECT)) || words.say('display.noSubject')
  const quoted = quote(subject)
  const when = formatTime(entry.at, 'moment', placeOf(view, words))
  const what = words.say(`digest.news.${entry.what}`, { when })
  return {
    title: quoted[medium],
    spokenTitle: medium === 'html' ? quoted.spoken : '',
    what: `${what} ${words.say(`digest.news.${nextOf(entry)}`)}`,
    url: entry.releaseUrl ?? '',
    button: words.say('digest.news.open'),
    label: words.say('digest.news.openThis', { subject: displayText(subject, MAX_LABEL) }),
  }
}

/** The key of the sentence that says what the reader can do. */
function nextOf({ what, releaseUrl }: NewsEntry): string {
  const mayRetry = releaseUrl !== undefined
  const next = {
    late: 'look',
    refused: 'ask',
    busy: mayRetry ? 'again' : 'ask',
    gone: 'sender',
    stopped: 'ask',
    uncertain: mayRetry ? 'lookAgain' : 'lookAsk',
  } as const satisfies Record<ReleaseNews, string>
  return next[what]
}
