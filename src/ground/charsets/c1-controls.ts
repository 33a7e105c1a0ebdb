/**
 * Replaces the characters U+0080 to U+009F by those that windows-1252 has at these octets. No text uses these control
 * characters. They are there because mail in windows-1252 often calls itself iso-8859-1, and amavisd decodes it as
 * that: `99 \u0080` was `99 €`. Browsers read iso-8859-1 as windows-1252 for the same reason (WHATWG Encoding, 4.2).
 */
export const withoutC1Controls = (text: string): string =>
  HAS_C1.test(text) ? text.replace(C1, control => MEANT[control.charCodeAt(0) - FIRST] ?? '') : text

const HAS_C1 = /[\u0080-\u009F]/
const C1 = /[\u0080-\u009F]/g
const FIRST = 0x80

/** The five octets that windows-1252 leaves open stay what they are; whoever shows the text drops them. */
const MEANT = [
  ...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 32 }, (_, i) => FIRST + i)),
]
