/** The few pages the server draws itself: escaping, one style, and a policy that runs no inline script. */
import helmet from "helmet";

export function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const OWN = ["'self'"];

/** Everything from here and nothing inline. `styles` loosens styles alone, for pages that others wrote. */
export function pagePolicy(styles: "own" | "inline" = "own") {
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: OWN,
      scriptSrc: OWN,
      styleSrc: styles === "inline" ? [...OWN, "'unsafe-inline'"] : OWN,
      imgSrc: [...OWN, "data:"],
      connectSrc: OWN,
      fontSrc: OWN,
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: OWN,
      formAction: OWN,
    },
  });
}
