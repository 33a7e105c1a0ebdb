// Runs in the page, and measures what a person can see and click there.
;(() => {
  const root = document.documentElement
  return {
    language: root.lang,
    direction: root.dir,
    title: document.title,
    overflow: Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth,
    texts: visibleTexts(),
    // Links that no human sees, such as the canary of a digest, do not count.
    targets: [...document.querySelectorAll('a[href], button')].filter(isVisible).map(target => ({
      name: target.textContent.trim(),
      tag: target.localName,
      href: target.getAttribute('href'),
      height: target.getBoundingClientRect().height,
    })),
  }

  function visibleTexts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const texts = []
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement
      const text = walker.currentNode.data.trim()
      if (text !== '' && isVisible(element)) texts.push({ text, ...looksOf(element) })
    }
    return texts
  }

  function isVisible(element) {
    const { width, height } = element.getBoundingClientRect()
    return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true })
  }

  function looksOf(element) {
    const { color, fontSize, fontWeight } = getComputedStyle(element)
    const size = Number.parseFloat(fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
    return {
      tag: element.localName,
      size,
      contrast: contrast(rgba(color), groundOf(element)),
      // WCAG 2.2, 1.4.3: the AA level
      needed: isLarge ? 3 : 4.5,
    }
  }

  /** The background colour behind an element: the colours of all its ancestors, blended over the canvas colour. */
  function groundOf(element) {
    const layers = []
    for (let ancestor = element; ancestor; ancestor = ancestor.parentElement) {
      layers.unshift(rgba(getComputedStyle(ancestor).backgroundColor))
    }
    const paper = matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1]
    return layers.reduce(over, paper)
  }

  function over([r, g, b], [red, green, blue, alpha]) {
    const mix = (below, above) => below * (1 - alpha) + above * alpha
    return [mix(r, red), mix(g, green), mix(b, blue), 1]
  }

  function rgba(color) {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number)
    return [red, green, blue, alpha]
  }

  function contrast(a, b) {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (light + 0.05) / (dark + 0.05)
  }

  function luminance(color) {
    const [red, green, blue] = color.map(channel => {
      const share = channel / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
})()
