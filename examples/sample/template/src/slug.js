/** The readable last part of an address for a title: plain letters and digits, words joined by single hyphens. */
export function slugify(title, { maxLength = 60 } = {}) {
  const words = title.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
  return fitting(words, maxLength).join("-");
}

/** As many words from the front as fit; the first one always stays. */
function fitting(words, maxLength) {
  const kept = words.slice(0, 1);
  for (const word of words.slice(1)) {
    if ([...kept, word].join("-").length > maxLength) break;
    kept.push(word);
  }
  return kept;
}
