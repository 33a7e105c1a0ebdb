/** Recipients as sent over SMTP, and as amavisd stores them: local part in lower case, domain as A-labels. */
export const ODD_RECIPIENTS = [
  { sent: '"odd address"@example.com', stored: '"odd address"@example.com' },
  { sent: '"at@and\\"quote"@example.com', stored: '"at@and\\"quote"@example.com' },
  { sent: "o'neil@example.com", stored: "o'neil@example.com" },
  { sent: 'Mixed.Case@Example.COM', stored: 'mixed.case@example.com' },
  { sent: 'per%cent+tag=1@example.com', stored: 'per%cent+tag=1@example.com' },
  { sent: 'müller@example.com', stored: 'müller@example.com' },
  { sent: '用户@bücher.example', stored: '用户@xn--bcher-kva.example' },
  {
    sent: `${'l'.repeat(64)}@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(49)}.example.com`,
    stored: `${'l'.repeat(64)}@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(49)}.example.com`,
  },
]
