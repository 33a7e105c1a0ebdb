// Submits the release form once, at the first user input that the browser marks as trusted: never on load, never while
// the page is hidden, and never again on a return to the page. Without this script the button does the same.
const SIGNS = ['pointermove', 'pointerdown', 'touchstart', 'keydown']
// On a return to the page, or if it is restored days later, the reader has to use the button.
const RETURNS = ['reload', 'back_forward']
// Keys that a person presses to use the page. Modifiers, Escape, function and browser keys do not count.
const DELIBERATE_KEY = /^(?:.|Enter|Tab|Home|End|Backspace|Delete|Arrow\w+|Page\w+)$/u
// If the server has not answered by now, it may be asked again: it delivers one copy at most.
const PATIENCE_MS = 20_000

const form = document.getElementById('release')
const note = document.getElementById('note')
const status = document.getElementById('status')
const button = form.querySelector('button')
const label = button.textContent
let sent = false

form.addEventListener('submit', event => {
  disarm()
  if (sent) return event.preventDefault()
  show(true)
  setTimeout(show, PATIENCE_MS, false)
})
addEventListener('pageshow', event => {
  if (!event.persisted) return
  disarm()
  show(false)
})
if (document.prerendering) document.addEventListener('prerenderingchange', arm, { once: true })
else arm()

function arm() {
  if (performance.getEntriesByType('navigation').some(entry => RETURNS.includes(entry.type))) return
  for (const sign of SIGNS) addEventListener(sign, onSign, { passive: true })
  note.hidden = false
}

function onSign(event) {
  if (event.isTrusted && document.visibilityState === 'visible' && isDeliberate(event)) form.requestSubmit()
}

function isDeliberate(event) {
  if (event.type !== 'keydown') return true
  return DELIBERATE_KEY.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey
}

function disarm() {
  for (const sign of SIGNS) removeEventListener(sign, onSign)
  note.hidden = true
}

function show(busy) {
  sent = busy
  button.textContent = status.textContent = busy ? form.dataset.busy : label
  button.setAttribute('aria-disabled', String(busy))
  if (!busy) status.textContent = ''
}
