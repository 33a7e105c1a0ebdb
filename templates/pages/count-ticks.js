// Says on the button how many messages are ticked, and sends the form once. Without this script the form does the same.
const form = document.getElementById('listed')
// A page of an admin's own may have no other button.
const button = form.querySelector('.together button') ?? form.querySelector('button')
const label = button.textContent
const counts = button.dataset.counts.split('\n')
// If the server has not answered by now, it may be asked again: it delivers one copy of each at most.
const PATIENCE_MS = 20_000
let sent = false

form.addEventListener('change', show)
form.addEventListener('submit', event => {
  if (sent) return event.preventDefault()
  setBusy(true)
  setTimeout(setBusy, PATIENCE_MS, false)
})
// Browsers restore ticks when the page is reloaded or come back to.
addEventListener('pageshow', () => setBusy(false))

function setBusy(busy) {
  sent = busy
  button.setAttribute('aria-disabled', String(busy))
  show()
}

function show() {
  const ticked = form.querySelectorAll(':checked').length
  button.textContent = sent ? form.dataset.busy : (counts[ticked - 1] ?? label)
}
