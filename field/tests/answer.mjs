// node tests/answer.mjs FILE ANSWERS: works out the cases of FILE on the phone's code, for pytest.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const [, , file, answers] = process.argv;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module } = await runnerImport(here("answers.ts"), {
  configFile: false,
  root: here(".."),
  resolve: { alias: { "@": here("../src") } },
});
writeFileSync(answers, JSON.stringify(module.answered(JSON.parse(readFileSync(file, "utf8")))));
