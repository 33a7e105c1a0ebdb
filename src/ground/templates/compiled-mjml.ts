import { createHash } from 'node:crypto'
import { compileMjml } from './compile-mjml.ts'
import type { TemplateFiles } from './template-files.ts'

/**
 * The HTML of an MJML template. For the program's own template, it is read from the compiled file beside it. A template
 * that an admin has changed is compiled now. Compiling takes half a second, as long as the rest of a small run.
 * @throws CodedError TEMPLATE_INVALID that names the file and each faulty line
 */
export async function htmlOfMjml(files: TemplateFiles, name: string): Promise<string> {
  const source = files.read(name)
  const [firstLine, html] = splitFirstLine(files.read(compiledName(name)))
  return firstLine === checksumLineOf(source) ? html : await compileMjml(source, name)
}

/** The content of the compiled file beside `source`: a first line with the source's checksum, then the HTML. */
export async function compiledMjml(source: string, name: string): Promise<string> {
  return `${checksumLineOf(source)}\n${await compileMjml(source, name)}\n`
}

/** `digest.mjml` → `digest.compiled.html` */
export const compiledName = (name: string): string => name.replace(/\.mjml$/, '.compiled.html')

const checksumLineOf = (source: string): string =>
  `<!-- compiled from sha256:${createHash('sha256').update(source).digest('hex')} -->`

function splitFirstLine(text: string): [string, string] {
  const end = text.indexOf('\n')
  return [text.slice(0, end), text.slice(end + 1).trimEnd()]
}
