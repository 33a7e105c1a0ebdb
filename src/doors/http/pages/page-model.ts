import type { OtherMessages } from '../../../desks/reader/other-messages.ts'
import { displayAddress } from '../../../ground/display/address.ts'
import { formatTime, type Place } from '../../../ground/display/format.ts'
import { mailtoUrl } from '../../../ground/display/mailto-url.ts'
import { whyHeld } from '../../../ground/display/reason.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { writerAt } from '../web/writer.ts'
import { learnModel } from './learn-model.ts'
import { digestModel, digestReleasedModel } from './page-digest.ts'
import { mailModelOf, placeOf } from './page-mail.ts'
import { destinationModel, preferencesModel } from './page-preferences.ts'
import { problemOf } from './page-problems.ts'
import type { LinkToSettings, PageContext, PageView } from './page-view.ts'
import { releasedByModel } from './released-by.ts'
import { noteLines, requestedModel } from './request-models.ts'
import { senderPartModel } from './sender-part.ts'

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
    isAnswer: false,
    session: undefined,
    formToken: undefined,
  }
}

function contentOf(view: PageView, words: Words, place: Place): object {
  switch (view.page) {
    case 'release':
      return {
        mail: mailModelOf(view.mail, words, place),
        until: formatTime(view.releasableUntil, 'moment', place),
        releasesItself: view.releasesItself,
        inside: view.inside,
        senders: senderPartModel(view.senders, words),
      }
    case 'confirm':
      return {
        mail: mailModelOf(view.mail, words, place),
        until: formatTime(view.releasableUntil, 'moment', place),
        what: whyHeld(view.mail, words, LONGEST_FILE_NAME),
        risk: words.say(`page.confirm.risk.${view.mail.kind}`),
        inside: view.inside,
        senders: senderPartModel(view.senders, words),
      }
    case 'ask':
      return {
        mail: mailModelOf(view.mail, words, place),
        until: formatTime(view.releasableUntil, 'moment', place),
        what: whyHeld(view.mail, words, LONGEST_FILE_NAME),
        risk: words.say(`page.confirm.risk.${view.mail.kind}`),
        expired: view.expired === undefined ? undefined : formatTime(view.expired, 'moment', place),
        inside: view.inside,
        senders: senderPartModel(view.senders, words),
      }
    case 'requested':
      return {
        ...requestedModel(view, place),
        mail: view.mail && mailModelOf(view.mail, words, place),
        list: listOf(view.list, words),
        isAnswer: view.isAnswer ?? false,
      }
    case 'refused':
      return {
        mail: view.mail && mailModelOf(view.mail, words, place),
        when: formatTime(view.at, 'moment', place),
        note: noteLines(view.note),
        list: listOf(view.list, words),
      }
    case 'released':
      return {
        mail: view.mail && mailModelOf(view.mail, words, place),
        recipient: displayAddress(view.recipient),
        heading: words.say(view.already ? 'page.released.titleAlready' : 'page.released.title'),
        already: view.already,
        releasedBy: releasedByModel(view.releasedBy, place),
        learn: learnModel(view.learn?.offer, place),
        learnAction: view.learn?.path,
        learnRef: view.learn?.ref,
        list: listOf(view.list, words),
        senders: senderPartModel(view.senders, words),
        isAnswer: view.isAnswer ?? false,
      }
    case 'queued':
      return {
        mail: view.mail && mailModelOf(view.mail, words, place),
        recipient: displayAddress(view.recipient),
        list: listOf(view.list, words),
        senders: senderPartModel(view.senders, words),
        isAnswer: view.isAnswer ?? false,
      }
    case 'release-failed':
      return {
        ...problemModelOf(view.code, words),
        mail: view.mail && mailModelOf(view.mail, words, place),
        retry: retryOf(view, words),
        list: listOf(view.list, words),
        senders: senderPartModel(view.senders, words),
      }
    case 'message':
      return view.model(writerAt(words, place, view.basePath))
    case 'digest':
      return { ...digestModel(view, words, place), isAnswer: view.notice !== undefined }
    case 'digest-released':
      return { ...digestReleasedModel(view, words, place), isAnswer: true }
    case 'preferences':
      return preferencesModel(view, words, place)
    case 'destination':
      return destinationModel(view, words)
    case 'canary':
      return {}
    case 'fresh':
      return {
        heading: words.say(view.again === undefined ? 'page.fresh.title' : 'page.fresh.titleTooEarly'),
        again: view.again === undefined ? undefined : formatTime(view.again, 'clock', place),
        isAnswer: true,
      }
    case 'error':
      return { ...problemModelOf(view.code, words, view.link), fresh: view.fresh }
  }
}

/** The ending of a name says what the file is, so a warning shows all of it. Few file systems have longer names. */
const LONGEST_FILE_NAME = 255

const listOf = (list: OtherMessages | undefined, words: Words) =>
  list && { url: list.url, label: words.say('page.released.others', { count: list.count }) }

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
