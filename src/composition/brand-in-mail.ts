import type { Brand } from '../ground/brand/brand.ts'
import type { Logo } from '../ground/brand/logo.ts'
import type { InlineImage } from '../ground/mail/mailer.ts'
import type { ShownBrand } from '../work/digest/show/view.ts'

/** A brand as a digest shows it: the logo is an attached image of the mail. */
export function brandInMail(
  { name, logo }: Brand,
  domain: string,
): { readonly brand: ShownBrand; readonly image: InlineImage | undefined } {
  if (logo === undefined) return { brand: { name, logo: undefined }, image: undefined }
  const { type, content, width, height } = logo
  const contentId = `logo@${domain}`
  const image = { contentId, type, fileName: FILE_NAMES[type], content }
  return { brand: { name, logo: { src: `cid:${contentId}`, width, height } }, image }
}

const FILE_NAMES: Readonly<Record<Logo['type'], string>> = {
  'image/png': 'logo.png',
  'image/jpeg': 'logo.jpg',
  'image/gif': 'logo.gif',
}
