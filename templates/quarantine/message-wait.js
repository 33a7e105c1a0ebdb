// Asks what has become of a release, and shows it when it changes. Without this script, the link below it does the same.
const PAUSES_MS = [500, 1000, 2000, 3000, 5000, 8000, 13_000, 21_000, 30_000, 30_000, 60_000, 60_000]
const said = document.getElementById('outcome-said')

for (const pause of PAUSES_MS) {
  await new Promise(resolve => setTimeout(resolve, pause))
  const outcome = document.getElementById('outcome')
  const { state, known } = outcome.dataset
  if (!state) break
  if (document.hidden) continue
  const answer = await fetch(state, { headers: { accept: 'application/json' } }).catch(() => undefined)
  // Signed out, or too many requests: the link is still there.
  if (!answer?.ok) continue
  if ((await answer.json()).known !== known) await show(outcome)
}

async function show(outcome) {
  // With its place in the list, to which the forms and the link back lead.
  const page = await fetch(location.pathname + location.search)
  if (!page.ok) return
  const html = await page.text()
  // Without the head, whose style has a nonce of its own.
  const body = html.slice(html.indexOf('<body'))
  const fresh = new DOMParser().parseFromString(body, 'text/html').getElementById('outcome')
  if (!fresh) return
  const hadFocus = outcome.contains(document.activeElement)
  outcome.replaceWith(fresh)
  said.textContent = fresh.querySelector('.became').textContent
  if (hadFocus) {
    fresh.tabIndex = -1
    fresh.focus()
  }
}
