import { slugify } from "./slug.js";

/** A slug that is not in `taken` yet: the second of its kind ends in -2, the third in -3. */
export function uniqueSlug(title, taken) {
  const slug = slugify(title) || "untitled";
  if (!taken.has(slug)) return slug;
  let number = 2;
  while (taken.has(`${slug}-${number}`)) number += 1;
  return `${slug}-${number}`;
}
