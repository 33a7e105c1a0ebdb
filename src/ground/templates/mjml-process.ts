import { text } from 'node:stream/consumers'
import mjml2html from 'mjml'

// A separate program: MJML on stdin, HTML on stdout, one fault a line on stderr.
try {
  process.stdout.write(await compile(await text(process.stdin)))
} catch (error) {
  process.stderr.write(faultsOf(error))
  process.exitCode = 1
}

async function compile(source: string): Promise<string> {
  const { html } = await mjml2html(source, {
    validationLevel: 'strict',
    keepComments: false,
    ignoreIncludes: true,
    // No web fonts, because a digest loads nothing from another host.
    fonts: {},
  })
  return withoutWhiteSpace(withoutMargin(breakingWhereNeeded(html)))
}

/** `word-break` breaks short words of buttons, too, in programs that know neither this value nor `nowrap`. */
function breakingWhereNeeded(html: string): string {
  return html.replaceAll('word-break:break-word', 'overflow-wrap:anywhere')
}

/** MJML sets the margin in a style element only. A program that reads none would leave 8 pixels at each side. */
function withoutMargin(html: string): string {
  return html.replace(/<body([^>]*?) style="/, '<body$1 style="margin:0;padding:0;')
}

/** Replaces MJML's own minifier, which sorts the words in attributes, including those of Handlebars expressions. */
function withoutWhiteSpace(html: string): string {
  return html
    .replace(/\s+/g, ' ')
    .replace(/ ?(<\/?(?:html|head|meta|title|style|body|div|table|tbody|tr|td|p|h[1-6])\b[^>]*>) ?/g, '$1')
    .replace(/ ?(<!--\[if [^>]*>|<!\[endif\]-->) ?/g, '$1')
    .replace(
      /(<style[^>]*>)([^<]*)/g,
      (_, tag: string, css: string) => tag + css.replace(/ ?([{};]) ?/g, '$1').trim(),
    )
}

function faultsOf(error: unknown): string {
  const faults = error instanceof Error && 'errors' in error ? error.errors : undefined
  if (!Array.isArray(faults)) return error instanceof Error ? error.message : String(error)
  return faults
    .map((fault: { line: number; message: string }) => `line ${fault.line}: ${fault.message}`)
    .join('\n')
}
