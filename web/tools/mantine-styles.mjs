/**
 * Write the style sheets of the Mantine components that the pages use, and of those they are made of, into
 * src/ui/mantine.css: all of them together are three times as large.
 *
 * usage: mantine-styles.mjs [--check]     with --check nothing is written, and a stale file is an error
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CORE = "node_modules/@mantine/core";
const COMPONENTS = join(CORE, "esm/components");
const TARGET = "src/ui/mantine.css";
// Dropzone and Notifications, packages of their own, draw these.
const DRAWN_BY_OTHERS = ["Notification", "CloseButton", "Loader", "LoadingOverlay"];
const ALWAYS = ["baseline", "default-css-variables", "global"];

function sources(folder, endings) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

/** Components that a component's own files import. */
function madeOf(component) {
  const folder = join(COMPONENTS, component);
  if (!existsSync(folder)) return [];
  return sources(folder, [".mjs"]).flatMap((text) =>
    [...text.matchAll(/from "\.\.\/(?:\.\.\/)*(?:utils\/)?([A-Z]\w+)\//g)].map(([, name]) => name),
  );
}

function used() {
  const named = sources("src", [".tsx", ".ts"]).flatMap((text) =>
    [...text.matchAll(/import (?:type )?\{([^}]*)\} from "@mantine\/(?:core|dropzone|notifications)"/g)].flatMap(
      ([, names]) => names.split(",").flatMap((name) => name.trim().replace(/^type /, "") || []),
    ),
  );
  return [...named, ...DRAWN_BY_OTHERS];
}

function closure(names) {
  const known = new Set();
  const waiting = [...names];
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (known.has(name)) continue;
    known.add(name);
    waiting.push(...madeOf(name));
  }
  return known;
}

/** In the order of Mantine's own sheet, in which a component follows those it is made of. */
function ordered(names) {
  const whole = readFileSync(join(CORE, "styles.css"), "utf8");
  const place = (name) =>
    whole.indexOf(
      readFileSync(join(CORE, "styles", `${name}.css`), "utf8")
        .trim()
        .slice(0, 200),
    );
  return [...names]
    .filter((name) => existsSync(join(CORE, "styles", `${name}.css`)))
    .sort((one, other) => place(one) - place(other));
}

const lines = [...ALWAYS, ...ordered(closure(used()))].map(
  (name) => `@import "@mantine/core/styles/${name}.layer.css";`,
);
const text = `/* Written by \`npm run styles\`. */\n${lines.join("\n")}\n`;
if (process.argv.includes("--check")) {
  if (!existsSync(TARGET) || readFileSync(TARGET, "utf8") !== text) {
    process.stderr.write(`${TARGET} is stale; run \`npm run styles\` in web/.\n`);
    process.exit(1);
  }
} else {
  writeFileSync(TARGET, text);
}
