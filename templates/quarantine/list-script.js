// Keys and ticks for the list. Without this script, links and buttons do the same.
const form = document.getElementById('held')
const rows = form ? [...form.querySelectorAll('tr.message')] : []
const keys = document.getElementById('keys')
const dialog = document.getElementById('keys-dialog')
const turnKeysOnOrOff = document.getElementById('keys-switch')
const STORED = 'amavis-digest-keys'
const ACTS = {
  j: () => focusRow(rows[Math.min(indexOfCurrent() + 1, rows.length - 1)]),
  k: () => focusRow(rows[Math.max(indexOfCurrent() - 1, 0)]),
  o: () => current()?.querySelector('a.open').click(),
  x: () => current()?.querySelector('input[type=checkbox]')?.click(),
  r: () => current()?.querySelector('[data-key=r]')?.click(),
  d: () => current()?.querySelector('[data-key=d]')?.click(),
  '/': () => document.getElementById('q').select(),
  '?': () => dialog.showModal(),
}

keys.hidden = false
dialog.querySelector('h2').after(keys.querySelector('dl').cloneNode(true))
showWhetherKeysAreOn()
turnKeysOnOrOff.addEventListener('click', () => {
  remember(keysAreOn() ? 'off' : 'on')
  showWhetherKeysAreOn()
})
if (form) prepareTicks()
// The browser itself focuses the row to which a button led back, unless it was the last one.
if (location.hash.startsWith('#about-') && !document.querySelector(location.hash)) focusRow(rows.at(-1))

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (dialog.open || isTyping(event.target) || !keysAreOn()) return
  const act = ACTS[event.key]
  if (!act || (event.shiftKey && event.key !== '?' && event.key !== '/')) return
  event.preventDefault()
  // A key that is held down moves on, but must not release one message after the other.
  if (!event.repeat || event.key === 'j' || event.key === 'k') act()
})

function isTyping(target) {
  return target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable]') !== null
}

function indexOfCurrent() {
  return rows.findIndex(row => row.contains(document.activeElement))
}

function current() {
  return rows[indexOfCurrent()]
}

function focusRow(row) {
  const link = row?.querySelector('a.open')
  link?.focus({ preventScroll: true })
  row?.scrollIntoView({ block: 'nearest' })
}

function prepareTicks() {
  const boxes = [...form.querySelectorAll('input[name=message]')]
  const counts = form.dataset.counts.split('\n')
  const count = document.getElementById('ticked')
  const show = () => {
    count.textContent = counts[boxes.filter(box => box.checked).length - 1] ?? ''
  }
  document.getElementById('tick-all')?.addEventListener('click', event => {
    event.preventDefault()
    const all = boxes.every(box => box.checked)
    for (const box of boxes) box.checked = !all
    show()
  })
  form.addEventListener('change', show)
  // Browsers restore ticks when the page is reloaded or come back to.
  addEventListener('pageshow', () => count && show())
}

// A browser may keep nothing for this page: then the keys are on.
function keysAreOn() {
  try {
    return localStorage.getItem(STORED) !== 'off'
  } catch {
    return true
  }
}

function remember(value) {
  try {
    localStorage.setItem(STORED, value)
  } catch {}
}

function showWhetherKeysAreOn() {
  turnKeysOnOrOff.setAttribute('aria-pressed', String(keysAreOn()))
}
