// This page answers a form. A return to it, or a reload, now asks for the page and does not send the form once more.
history.replaceState(null, '')
