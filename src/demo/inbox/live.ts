/**
 * The only script of the inbox. It fetches the page again and replaces the list; on the page of a mail, it announces
 * new mail. In a browser without scripts, the list reloads by itself.
 */
export const LIVE = `
const EVERY = 1500
const main = document.querySelector('main')
const news = document.querySelector('.news')

async function refreshList() {
  const answer = await fetch(location.href)
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const next = page.querySelector('main')
  if (next.innerHTML === main.innerHTML) return
  const focused = document.activeElement?.getAttribute('href')
  main.replaceChildren(...next.childNodes)
  document.title = page.title
  if (focused) main.querySelector('[href="' + CSS.escape(focused) + '"]')?.focus()
}

async function announceNews() {
  const mails = await (await fetch('/api/mails')).json()
  const newest = mails[0]
  if (!newest || newest.id <= Number(news.dataset.newest)) return
  news.textContent = 'Just arrived for ' + newest.to + ': ' + (newest.subject || '(no subject)')
  news.href = '/mails/' + newest.id
  news.hidden = false
}

const update = news ? announceNews : refreshList
const schedule = () => setTimeout(() => update().catch(() => {}).finally(schedule), EVERY)
schedule()
`
