/** The links to release in the text part of a digest, in their order. */
export const releaseLinks = (text = ''): string[] => text.match(/https:\S+\/release\/\S+/g) ?? []
