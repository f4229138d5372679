export { slugify } from "./slug.js";
export { uniqueSlug } from "./unique.js";
