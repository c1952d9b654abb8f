const MAX_DETAIL = 500;

/** A text of the dialogue as one short line in which the password stands in no form that the dialogue knows. */
export function withoutSecrets(detail: string, user: string | null, password: string | undefined): string {
  let text = detail;
  if (password !== undefined && password !== '') {
    const encoded = [password, `\0${user ?? ''}\0${password}`].map((part) =>
      Buffer.from(part).toString('base64'),
    );
    for (const secret of [...encoded, password, encodeURIComponent(password)])
      text = text.replaceAll(secret, '***');
  }
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL);
}
