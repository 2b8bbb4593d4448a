// Which withheld variables a command that failed may have missed, by what its output says.

/** Tools that were refused seldom name the variable that they would have taken. */
const OF_CREDENTIALS =
  /api[ _-]?key|access token|auth(?:entication|orization)? (?:token|failed|error|required)|unauthori[sz]ed|unauthenticated|not (?:logged|signed) in|log ?in|credential|\b40[13]\b/i;
const MOST_NAMED = 8;

/** Those that are named; all, where it speaks of credentials and names none. */
export function missedAmong(withheld: readonly string[], texts: readonly string[]): readonly string[] {
  if (withheld.length === 0) return withheld;
  const named = withheld.filter((name) => texts.some((text) => text.includes(name)));
  if (named.length > 0) return named.slice(0, MOST_NAMED);
  return texts.some((text) => OF_CREDENTIALS.test(text)) ? withheld.slice(0, MOST_NAMED) : [];
}

export function missedText(names: readonly string[]): string {
  const them = names.length === 1 ? 'it' : 'them';
  return `not given to it, because \`redact\` hides ${them}: ${names.join(', ')} (\`env: { pass: ["*", ${names.join(', ')}] }\` gives ${them})`;
}
