// What the borrower's page says of door tokens: node tokens.mjs <module> < {now, visits, texts}
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { tokenCheck } = await import(pathToFileURL(process.argv[2]).href);
const { now, visits, texts } = JSON.parse(readFileSync(0, "utf8"));
const said = [];
for (const text of texts) said.push((await tokenCheck(text, visits, now)).what);
process.stdout.write(JSON.stringify(said));
