// Opens a page of `ecrecheck survey` from its file in Chromium, and prints a line for each promise that it breaks.
//   node check.mjs FILE.html [--screenshot FILE.png]
// The page needs a subject that deviates, and shows a case of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { screenshot: { type: "string" } } });
if (positionals.length !== 1) {
  console.error("node check.mjs FILE.html [--screenshot FILE.png]");
  process.exit(2);
}
const file = resolve(positionals[0]);
const html = readFileSync(file, "utf8");
const [, opening, text] = /(<script type="application\/json" id="survey">)(.*?)<\/script>/s.exec(html);
const survey = JSON.parse(text);
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let failures = 0;
function check(holds, promise, seen = "") {
  if (holds) return;
  failures += 1;
  console.error(`FAILED ${promise}${seen === "" ? "" : `: ${seen}`}`);
}

// Playwright gives each start of the browser a fresh profile.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  timeout: 60_000,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const folder = mkdtempSync(join(tmpdir(), "survey-page-"));
setTimeout(() => {
  console.error("FAILED to end within 10 minutes");
  process.exit(1); // playwright ends the browser with this process
}, 600_000).unref();

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.problems.push(message.text()));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("request", (request) => /^(file|data):/.test(request.url()) || page.problems.push(`asks for ${request.url()}`));
  page.on("dialog", (dialog) => { page.problems.push("opens an alert"); dialog.dismiss(); });
  await page.goto(pathToFileURL(path).href);
  return page;
}

async function go(page, hash) {
  await page.evaluate((to) => new Promise((done) => {
    addEventListener("hashchange", () => setTimeout(done), { once: true });
    location.hash = to;
  }), hash);
}

const rowsShown = (page) => page.locator("[data-subject]:visible").count();
const firstDeviating = (page) => page.locator("#matrix td:is(.documented, .mixed, .finding):visible").first();

// The page with other data, escaped as the command escapes it.
function pageOf(data, name) {
  const path = join(folder, name);
  writeFileSync(path, html.replace(opening + text, () => opening + JSON.stringify(data).replaceAll("<", "\\u003c")));
  return path;
}

async function step(name, run, options, path = file) {
  const page = await open(path, options);
  try {
    await run(page);
  } catch (error) {
    check(false, name, String(error).split("\n")[0]);
  }
  check(page.problems.length === 0, `${name}: no error, warning or request`, page.problems.join("; "));
  await page.context().close();
}

check(!text.includes("<"), "the data has no < that could end its script");

await step("the matrix", async (page) => {
  check(await page.locator("[data-subject]").count() === survey.subjects.length, "as many rows as subjects", await page.locator("[data-subject]").count());
  check(await rowsShown(page) === survey.subjects.length, "all rows show at first", await rowsShown(page));
  check(await page.locator("#matrix thead th").count() === survey.facts.length + 2, "as many columns as facts", await page.locator("#matrix thead th").count());
  const silent = await page.locator("#matrix td:is(.agreed, .documented, .mixed, .finding, .unsupported)").evaluateAll((cells) => cells.filter((cell) => cell.textContent === "").length);
  check(silent === 0, "no cell that says something by colour alone", silent);
});

await step("filters", async (page) => {
  const all = survey.subjects.length;
  const count = (wanted) => survey.subjects.filter(wanted).length;
  const expectRows = async (expected, promise) => check(await rowsShown(page) === expected, promise, `${await rowsShown(page)} rows, not ${expected}`);
  const reset = async () => {
    await page.click("#filters [type=reset]");
    await page.waitForFunction((rows) => document.querySelectorAll("[data-subject]:not(.out)").length === rows, all);
  };
  await page.fill("[name=text]", survey.subjects[0].name);
  check(await rowsShown(page) < all && await rowsShown(page) > 0, "a text leaves some rows", await rowsShown(page));
  await page.fill("[name=text]", "no subject has this name");
  await expectRows(0, "a text that nobody has leaves no row");
  await reset();
  for (const key of ["language", "arithmetic", "kind"]) {
    const value = survey.subjects.find((subject) => subject[key] !== null)[key];
    await page.selectOption(`[name=${key}]`, value);
    await expectRows(count((subject) => subject[key] === value), `${key} ${value}`);
    await reset();
  }
  await page.uncheck("[name=museum]");
  await expectRows(count((subject) => subject.fixed_in === null), "without the museum");
  await reset();
  await page.check("[name=deviating]");
  await expectRows(count(({ totals }) => totals.documented + totals.findings > 0), "only subjects that deviate");
  await reset();
  const columns = () => page.locator("#matrix thead th:visible").count();
  const deviating = survey.facts.filter(({ name }) => survey.subjects.some(({ facts }) => facts[name] && facts[name].documented + facts[name].findings > 0)).length;
  check(await columns() === deviating + 2, "only facts that somebody deviates on, at first", await columns());
  await page.uncheck("[name=facts]");
  check(await columns() === survey.facts.length + 2, "all facts", await columns());
  for (const key of ["arithmetic", "kind", "language"]) {
    await page.selectOption("[name=group]", key);
    const groups = new Set(survey.subjects.map((subject) => (subject.fixed_in === null ? subject[key] : "museum")));
    check(await page.locator("#matrix .group").count() === groups.size, `a group for each ${key}`, await page.locator("#matrix .group").count());
    await expectRows(all, `all rows in groups of ${key}`);
  }
});

await step("a cell by keyboard", async (page) => {
  const opened = () => page.locator("#dialog").evaluate((dialog) => dialog.open);
  const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);
  const cell = firstDeviating(page);
  await cell.focus();
  await page.keyboard.press("Enter");
  check(await opened(), "Enter opens a cell");
  const commands = await page.locator("#dialog .command code").allTextContents();
  const known = survey.subjects.flatMap((subject) => subject.cases.map((one) => one.command));
  check(commands.length > 0 && commands.every((command) => known.includes(command)), "an opened cell shows the commands of its cases", commands.length);
  check(await page.locator("#dialog .command code").first().isVisible(), "the first command can be seen");
  await page.locator("#dialog .copy").first().click();
  await page.waitForFunction(() => document.querySelector("#dialog .copy").textContent !== "Copy");
  check(await page.evaluate(() => navigator.clipboard.readText()) === commands[0], "the button copies the command");
  await page.keyboard.press("Escape");
  check(!await opened(), "Esc closes a cell");
  check(await hasFocus(cell), "the focus returns to the cell");
  await page.keyboard.press("ArrowLeft");
  check(!await hasFocus(cell), "an arrow leaves the cell");
  await page.keyboard.press("ArrowRight");
  check(await hasFocus(cell), "the opposite arrow comes back");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  const first = page.locator("[data-subject]:visible a").first();
  check(await hasFocus(first), "an arrow goes from the heads to the first subject");
  check(await page.locator("#matrix [tabindex='0']").count() === 1, "the Tab key reaches one cell", await page.locator("#matrix [tabindex='0']").count());
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.startsWith("#subject/"));
}, { permissions: ["clipboard-read", "clipboard-write"] });

await step("pages", async (page) => {
  const deviating = survey.subjects.find((subject) => subject.divergences.length > 0);
  for (const subject of survey.subjects) {
    await go(page, `#subject/${encodeURIComponent(subject.name)}`);
    check(await page.locator("#detail h1").textContent() === subject.name, `#subject/${subject.name} is its page`);
    const text = await page.locator("#detail").textContent();
    check([...subject.divergences.map(({ why }) => why), ...subject.cases.map(({ command }) => command)].every((part) => text.includes(part)), `#subject/${subject.name} has all of its divergences and cases`);
  }
  for (const fact of survey.facts) {
    await go(page, `#fact/${encodeURIComponent(fact.name)}`);
    check((await page.locator("#detail").textContent()).includes(fact.about), `#fact/${fact.name} is its page`);
  }
  await go(page, "#subject/%E0%A4%A");
  check((await page.locator("#detail").textContent()).includes("no subject of that name"), "a name that does not exist is said so");
  await go(page, "");
  check(await page.locator("#matrix").isVisible() && !await page.locator("#detail").isVisible(), "the empty hash is the matrix");
  if (!deviating) return check(false, "a subject has divergences");
  await page.goto(`${pathToFileURL(file).href}#subject/${deviating.name}`);
  await page.reload();
  check(await page.locator("#detail h1").textContent() === deviating.name, "a page opens from its address");
  const odd = await page.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")).filter((href) => !/^(#|https?:)/.test(href)));
  check(odd.length === 0, "links go to http and https only", odd.join(" "));
});

// axe takes minutes for thousands of cells: it sees one subject of each sort. Its rule skip-link takes hash routes for
// links that jump within the page.
const sorts = [({ not_run }) => not_run !== null, ({ fixed_in }) => fixed_in !== null, ...["agreed", "documented", "unsupported", "findings"].map((word) => ({ totals }) => totals[word] > 0)];
const few = { ...survey, subjects: [...new Set(sorts.map((sort) => survey.subjects.find(sort)).filter(Boolean))] };
const fewFile = pageOf(few, "few.html");
for (const colorScheme of ["light", "dark"]) {
  await step(`axe, ${colorScheme}`, async (page) => {
    const examine = async (where) => {
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"], rules: { "skip-link": { enabled: false } } }));
      for (const { id, nodes } of violations) check(false, `axe, ${colorScheme}, ${where}: ${id}`, nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" "));
    };
    // axe is the test's own script: Playwright runs it beside the page's policy.
    await page.evaluate(readFileSync(axe, "utf8"));
    await page.uncheck("[name=facts]");
    await examine("matrix");
    await firstDeviating(page).click();
    await examine("opened cell");
    await page.keyboard.press("Escape");
    const subject = few.subjects.find(({ cases }) => cases.length > 0);
    await go(page, `#subject/${encodeURIComponent(subject.name)}`);
    await page.locator("#detail details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
    await examine("subject");
    await go(page, `#fact/${encodeURIComponent(subject.cases[0].facts[0])}`);
    await examine("fact");
  }, { colorScheme }, fewFile);
}

await step("print", async (page) => {
  await page.fill("[name=text]", "no subject has this name");
  await page.emulateMedia({ media: "print" });
  check(await rowsShown(page) === survey.subjects.length, "print shows all rows, whatever is filtered", await rowsShown(page));
  check(!await page.locator("#filters").isVisible(), "print has no filters");
  const deviating = survey.subjects.find(({ cases }) => cases.length > 0);
  await go(page, `#subject/${encodeURIComponent(deviating.name)}`);
  const heights = await page.locator("#detail .case").evaluateAll((cases) => cases.map((one) => one.checkVisibility({ contentVisibilityAuto: true }) && one.getBoundingClientRect().height));
  check(heights.every((height) => height > 0), "print shows cases that are folded on screen");
});

await step("narrow", async (page) => {
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  check(await width() <= 400, "the matrix scrolls in its frame on a narrow screen", await width());
  for (const subject of few.subjects) {
    await go(page, `#subject/${encodeURIComponent(subject.name)}`);
    check(await width() <= 400, `#subject/${subject.name} fits a narrow screen`, await width());
  }
}, { viewport: { width: 400, height: 800 } });

// The same survey in which every text attacks.
const attacks = ["</script><script>hacked = 1</script>", "<img src=x onerror=\"hacked = 1\">", "\"><svg onload=hacked=1>", "javascript:hacked=1"];
const kept = ["kind", "verdict", "operations"]; // these are not text
const attacked = (text) => text + attacks[text.length % attacks.length];
function attack(value, key) {
  if (kept.includes(key)) return value;
  if (key === "link") return "javascript:hacked=1";
  if (typeof value === "string") return attacked(value);
  if (Array.isArray(value)) return value.map((item) => attack(item, ""));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [key === "facts" ? attacked(name) : name, attack(item, name)]));
}
const hostile = attack(few, "");
const page = await open(pageOf(hostile, "hostile.html"));
try {
  check(await page.locator("[data-subject]").count() === hostile.subjects.length, "a hostile survey renders");
  for (const subject of hostile.subjects) {
    await go(page, `#subject/${encodeURIComponent(subject.name)}`);
    check(await page.locator("#detail h1").textContent() === subject.name, "a hostile name is text", subject.name);
    check(await page.locator("a[href^=javascript]").count() === 0, "a link of another scheme is text");
  }
  for (const fact of hostile.facts) await go(page, `#fact/${encodeURIComponent(fact.name)}`);
  await go(page, "");
  await firstDeviating(page).click();
  check(await page.locator("img, svg, iframe").count() === 0, "no element comes from the data");
  check(await page.evaluate(() => typeof hacked) === "undefined", "no script of the data runs");
} catch (error) {
  check(false, "a hostile survey", String(error).split("\n")[0]);
}
check(page.problems.length === 0, "a hostile survey: no error, warning or request", page.problems.join("; "));
await page.context().close();

if (values.screenshot) {
  const page = await open(file);
  await page.screenshot({ path: values.screenshot, fullPage: true });
  await page.context().close();
}
await browser.close();
rmSync(folder, { recursive: true });
if (failures > 0) process.exit(1);
console.log(`${file}: ${survey.subjects.length} subjects, ${survey.facts.length} facts, and the page does what it promises`);
