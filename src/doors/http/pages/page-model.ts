import { displayAddress } from '../../../ground/display/address.ts'
import { formatTime, type Place } from '../../../ground/display/format.ts'
import { mailtoUrl } from '../../../ground/display/mailto-url.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { needsConfirmation, type Offer } from '../../../rules/policy/offer.ts'
import { mailModelOf, placeOf } from './page-mail.ts'
import { destinationModel, preferencesModel } from './page-preferences.ts'
import { problemOf } from './page-problems.ts'
import type { DigestPage, DigestPageEntry, LinkToSettings, PageContext, PageView } from './page-view.ts'

/** The model for the template of a page. Every key that a template names is present, even if it is undefined. */
export function pageModelOf(view: PageView, words: Words, context: PageContext): object {
  return { ...layoutOf(words, context), ...contentOf(view, words, placeOf(context, words)) }
}

function layoutOf(words: Words, { nonce, phrase, contact }: PageContext): object {
  return {
    language: words.language,
    direction: words.direction,
    nonce,
    readersPhrase: phrase,
    contact: contact === undefined ? undefined : { address: contact, url: mailtoUrl(contact) },
    wide: false,
    releasesItself: false,
  }
}

function contentOf(view: PageView, words: Words, place: Place): object {
  switch (view.page) {
    case 'release':
      return {
        mail: mailModelOf(view.mail, words, place),
        until: formatTime(view.releasableUntil, 'moment', place),
        releasesItself: view.releasesItself,
      }
    case 'confirm':
      return {
        mail: mailModelOf(view.mail, words, place),
        until: formatTime(view.releasableUntil, 'moment', place),
        risk: words.say(`page.confirm.risk.${view.mail.kind}`),
      }
    case 'released':
      return {
        mail: view.mail && mailModelOf(view.mail, words, place),
        recipient: displayAddress(view.recipient),
        heading: words.say(view.already ? 'page.released.titleAlready' : 'page.released.title'),
        already: view.already,
      }
    case 'queued':
      return {
        mail: view.mail && mailModelOf(view.mail, words, place),
        recipient: displayAddress(view.recipient),
      }
    case 'release-failed':
      return {
        ...problemModelOf(view.code, words),
        mail: view.mail && mailModelOf(view.mail, words, place),
        retry: retryOf(view, words),
      }
    case 'digest':
      return digestOf(view, words, place)
    case 'preferences':
      return preferencesModel(view, words, place)
    case 'destination':
      return destinationModel(view, words)
    case 'canary':
      return {}
    case 'error':
      return problemModelOf(view.code, words, view.link)
  }
}

const problemModelOf = (code: ErrorCode, words: Words, link?: LinkToSettings) => ({
  code,
  problem: problemOf(code, words, link),
})

/**
 * The form that asks again. It includes `confirm`, because a request that failed at amavisd was confirmed before.
 * `again` says that the reader accepts a second copy.
 */
function retryOf(view: Extract<PageView, { page: 'release-failed' }>, words: Words): object | undefined {
  if (view.code === 'RELEASE_UNCERTAIN') {
    return { fields: ['again', 'confirm'], label: words.say('page.failed.again') }
  }
  return view.mayRetry ? { fields: ['confirm'], label: words.say('page.failed.retry') } : undefined
}

function digestOf(view: DigestPage, words: Words, place: Place): object {
  return {
    wide: true,
    total: view.total,
    reader: displayAddress(view.reader),
    when: formatTime(view.createdAt, 'date', place),
    turn: view.pages > 1 ? { ...view.pagePaths, number: view.number, pages: view.pages } : undefined,
    rows: view.entries.map(entry => rowOf(entry, words, place)),
  }
}

function rowOf(entry: DigestPageEntry, words: Words, place: Place): object {
  const { offer, releaseUrl } = entry
  return {
    mail: entry.mail && mailModelOf(entry.mail, words, place),
    until: formatTime(entry.releasableUntil, 'deadline', place),
    link: offer === 'none' ? undefined : linkOf(offer, releaseUrl, words),
    state: offer === 'none' ? stateOf(entry, words) : undefined,
  }
}

const linkOf = (offer: Exclude<Offer, 'none'>, url: string, words: Words) => ({
  url,
  review: needsConfirmation(offer),
  label: words.say(needsConfirmation(offer) ? 'digest.review' : 'digest.release'),
})

/** Why there is no button. */
function stateOf({ mail }: DigestPageEntry, words: Words): object {
  switch (mail?.state) {
    case 'held':
      return { mood: 'none', label: words.say('page.digest.refused') }
    case 'released':
      return { mood: 'good', label: words.say('page.digest.released') }
    case 'pending':
      return { mood: 'wait', label: words.say('page.digest.pending') }
    case 'delivered':
    case 'gone':
    case undefined:
      return { mood: 'none', label: words.say('page.digest.gone') }
  }
}
