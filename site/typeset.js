// Sets LaTeX with KaTeX while the site is built: one line of JSON in, one line of JSON out, until the input ends.
// A process that stays is asked page by page; starting one for each page would cost more than all of the maths.
"use strict";
const katex = require(process.argv[2]);
const lines = require("node:readline").createInterface({ input: process.stdin });

lines.on("line", (line) => {
  const answers = JSON.parse(line).map(({ tex, display }) => {
    try {
      return { html: katex.renderToString(tex, {
        displayMode: display, output: "htmlAndMathml", strict: "error", throwOnError: true, trust: false,
      }) };
    } catch (problem) {
      return { problem: String(problem.message) };
    }
  });
  process.stdout.write(JSON.stringify(answers) + "\n");
});
