// Submits the release form once, at the first user input that the browser marks as trusted: never on load, never while
// the page is hidden, never by scrolling, and never again on a return to the page. Without this script the button does
// the same.
const SIGNS = ['pointermove', 'click', 'keydown']
// On a return to the page, or if it is restored days later, the reader has to use the button.
const RETURNS = ['reload', 'back_forward']
// Keys that a person presses to answer. Modifiers, Escape, function and browser keys do not count, and those that move
// about the page are for reading it.
const DELIBERATE_KEY = /^(?:.|Enter|Backspace|Delete)$/u
// These do something of their own when they are clicked or get a key. Who misses a button about the sender has not asked
// for the message.
const CHOICE = '.sender-part'
const CONTROLS = `a, button, summary, label, input, select, textarea, ${CHOICE}`
// If the server has not answered by now, it may be asked again: it delivers one copy at most.
const PATIENCE_MS = 20_000
// A browser may be mistaken about its connection: after so many presses it has to try.
const MOST_BLOCKED = 3

const form = document.getElementById('release')
const note = document.getElementById('note')
const status = document.getElementById('status')
// A page of an admin's own may be older than this script.
const offline = document.getElementById('offline') ?? status
const button = form.querySelector('button')
const label = button.textContent
let sent = false
let blocked = 0

form.addEventListener('submit', event => {
  disarm()
  if (sent) return event.preventDefault()
  if (!navigator.onLine && blocked < MOST_BLOCKED) {
    event.preventDefault()
    blocked += 1
    offline.textContent = form.dataset.offline
    return
  }
  offline.textContent = ''
  show(true)
  setTimeout(show, PATIENCE_MS, false)
})
addEventListener('online', () => {
  offline.textContent = ''
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

// A finger that moves scrolls; one that taps ends in a click. A control acts by itself.
function isDeliberate(event) {
  // Where the page has other buttons, the mouse may be on its way to one of them.
  if (event.type === 'pointermove') return event.pointerType === 'mouse' && !document.querySelector(CHOICE)
  if (event.target instanceof Element && event.target.closest(CONTROLS)) return false
  return event.type === 'click' || isDeliberateKey(event)
}

function isDeliberateKey({ key, ctrlKey, altKey, metaKey }) {
  if (key === ' ' && document.scrollingElement.scrollHeight > innerHeight) return false
  return DELIBERATE_KEY.test(key) && !ctrlKey && !altKey && !metaKey
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
