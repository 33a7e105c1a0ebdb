import { MINUTE } from '../../ground/durations.ts'
import { html, type Markup } from './html.ts'
import type { ReceivedMail } from './mailboxes.ts'

/** How a mail is shown: its HTML part, its text part, or its source. */
export type MailView = 'html' | 'text' | 'source'

/**
 * The list of mails, newest first.
 * @param mailbox the mailbox to show; undefined: all of them
 */
export function listPage(mails: readonly ReceivedMail[], mailbox: string | undefined, now: number): string {
  const shown = mailbox === undefined ? mails : mails.filter(mail => mail.to === mailbox)
  return page(
    `Inbox (${shown.length})`,
    html`<main>
      ${mailboxLinks(mails, mailbox)}
      ${shown.length === 0 ? html`<p class="empty">No mail yet. It appears here by itself.</p>` : undefined}
      ${shown.length > 0 ? html`<ul class="list">${shown.map(mail => row(mail, now))}</ul>` : undefined}
    </main>`,
    html`<noscript><meta http-equiv="refresh" content="3"></noscript>`,
  )
}

/** One mail. */
export function mailPage(mail: ReceivedMail, view: MailView, newestId: number): string {
  return page(
    subjectOf(mail),
    html`<main class="mail">
      <a class="news" data-newest="${newestId}" aria-live="polite" hidden href="/">News</a>
      <article class="card">
        <a class="back" href="/?mailbox=${encodeURIComponent(mail.to)}"><span aria-hidden="true">←</span> Mailbox</a>
        <h2><bdi>${subjectOf(mail)}</bdi></h2>
        <dl>
          <dt>From</dt><dd><bdi>${mail.from.name}</bdi> ${addressOf(mail.from.address)}</dd>
          <dt>To</dt><dd>${mail.to}</dd>
          <dt>Date</dt><dd>${dateTime(mail.receivedAt)} ${releasedMark(mail)}</dd>
          ${attachmentsOf(mail)}
        </dl>
        <nav class="views" aria-label="Parts of this mail">
          ${mail.html === undefined ? undefined : viewLink(mail, 'html', view, 'Message')}
          ${mail.text === undefined ? undefined : viewLink(mail, 'text', view, 'Plain text')}
          ${viewLink(mail, 'source', view, 'Source')}
        </nav>
      </article>
      <div class="body">${bodyOf(mail, view)}</div>
    </main>`,
  )
}

/** A page for an address that leads to nothing. */
export const notFoundPage = (): string =>
  page(
    'Not found',
    html`<main><p class="empty">There is no such mail, or no longer. <a href="/">Back to the inbox</a></p></main>`,
  )

function page(title: string, main: Markup, head?: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · amavis-digest demo</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/inbox.css">
${head}
</head>
<body>
<header class="bar">
  <h1><a class="home" href="/">Demo inbox</a></h1>
  <p>Every mail of this demo ends here; none leaves this computer.</p>
</header>
${main}
<script src="/inbox.js" type="module"></script>
</body>
</html>
`.source
}

function mailboxLinks(mails: readonly ReceivedMail[], current: string | undefined): Markup {
  const mailboxes = [...new Set(mails.map(mail => mail.to))].sort()
  return html`<nav aria-label="Mailboxes">
    ${mailboxLink('All mail', '/', mails.length, current === undefined)}
    ${mailboxes.map(mailbox =>
      mailboxLink(
        mailbox,
        `/?mailbox=${encodeURIComponent(mailbox)}`,
        mails.filter(mail => mail.to === mailbox).length,
        mailbox === current,
      ),
    )}
  </nav>`
}

const mailboxLink = (name: string, href: string, count: number, current: boolean): Markup =>
  html`<a href="${href}" ${current ? html`aria-current="page"` : undefined}>${name} <span class="count">${count}</span></a>`

function row(mail: ReceivedMail, now: number): Markup {
  const fresh = isFresh(mail, now)
  return html`<li><a href="/mails/${mail.id}" ${fresh ? html`class="fresh"` : undefined}>
    <span class="line"><bdi class="who">${mail.from.name || mail.from.address || '(no sender)'}</bdi> <span class="when">${timeAgo(mail.receivedAt, now)}</span></span>
    <span class="what"><bdi>${subjectOf(mail)}</bdi></span>
    <span class="line"><span class="to">to ${mail.to}</span> ${fresh ? html`<span class="mark new">Just arrived</span>` : releasedMark(mail)}</span>
  </a></li>`
}

/** Only released mail is highlighted, because a digest is no surprise. */
const isFresh = (mail: ReceivedMail, now: number): boolean => mail.released && now - mail.receivedAt < FRESH

/** Long enough for coming back from the release page. */
const FRESH = MINUTE

const releasedMark = (mail: ReceivedMail): Markup | undefined =>
  mail.released ? html`<span class="mark">Released</span>` : undefined

const subjectOf = (mail: ReceivedMail): string => mail.subject || '(no subject)'

const addressOf = (address: string): Markup => html`<bdi>&lt;${address}&gt;</bdi>`

const attachmentsOf = (mail: ReceivedMail): Markup | undefined =>
  mail.attachments.length === 0
    ? undefined
    : html`<dt>Attached</dt><dd>${mail.attachments.map(name => html`<bdi>${name}</bdi> `)}</dd>`

const viewLink = (mail: ReceivedMail, view: MailView, current: MailView, name: string): Markup =>
  html`<a href="/mails/${mail.id}/${view}" ${view === current ? html`aria-current="page"` : undefined}>${name}</a>`

function bodyOf(mail: ReceivedMail, view: MailView): Markup {
  switch (view) {
    case 'html':
      return html`<iframe title="Message" src="/mails/${mail.id}/body" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`
    case 'text':
      return html`<pre dir="auto">${mail.text}</pre>`
    case 'source':
      return html`<pre>${sourceOf(mail)}</pre>`
  }
}

function sourceOf(mail: ReceivedMail): string {
  const shown = mail.raw.subarray(0, LONGEST_SOURCE).toString().replaceAll('\r\n', '\n')
  return mail.raw.length > LONGEST_SOURCE
    ? `${shown}\n… ${mail.raw.length - LONGEST_SOURCE} more octets`
    : shown
}

/** In octets: nobody reads a film in base64. */
const LONGEST_SOURCE = 200_000

const dateTime = (time: number): string =>
  new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

function timeAgo(time: number, now: number): string {
  const minutes = Math.floor((now - time) / MINUTE)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  return dateTime(time)
}
