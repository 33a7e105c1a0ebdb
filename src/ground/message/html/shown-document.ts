/**
 * A complete document around a sanitised fragment. Its own policy says the same as the header of the response: it holds
 * also where somebody has saved the page.
 */
export const shownDocument = (fragment: string): string => `<!doctype html>
<html lang="und" dir="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>&#8203;</title>
<style>${STYLE}</style>
</head>
<body>${fragment}</body>
</html>
`

/** Mails are made for white paper. The host of a link stands behind its words. */
const STYLE = `:root{color-scheme:light}
body{margin:1rem;background:#fff;color:#1a1a1a;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}
a{text-decoration:underline}
a[data-host]::after{content:" [" attr(data-host) "]";font-size:.85em;unicode-bidi:isolate;text-decoration:none}`
