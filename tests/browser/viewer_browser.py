#!/usr/bin/env python3
"""The viewer in a real browser: Debian's chromium, driven by Playwright.

viewer_browser.py AXIOMETER MOCK_ENDPOINT [unittest options]

AXIOMETER_BROWSER_PYTHON: a Python with Playwright, if this one has none. AXIOMETER_SCREENSHOTS: a folder for pictures of every page, in two widths and two themes.
AXIOMETER_AXE: axe.min.js of axe-core, which looks for what a screen reader or a keyboard would stumble over.
"""

import json
import os
import shutil
import sqlite3
import sys
import unittest

PYTHON = os.environ.pop("AXIOMETER_BROWSER_PYTHON", None)
if PYTHON and __name__ == "__main__":
    os.execv(PYTHON, [PYTHON, *sys.argv])

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases"))

import axiometer_program  # noqa: E402
import view_case  # noqa: E402

try:
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

CHROMIUM = os.environ.get("AXIOMETER_CHROMIUM") or shutil.which("chromium")
PICTURES = os.environ.get("AXIOMETER_SCREENSHOTS")
AXE = os.environ.get("AXIOMETER_AXE")


class Browser(axiometer_program.ProgramCase):
    @classmethod
    def setUpClass(cls):
        if not sync_playwright or not CHROMIUM:
            what = "chromium is not installed" if sync_playwright else "Playwright is not installed"
            print(f"skipped: {what}; `tests/run --browser` installs it", file=sys.stderr)
            raise SystemExit(77)
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.playwright.stop)
        cls.addClassCleanup(cls.browser.close)

    def open(self, **options):
        """A page that fails the test for every message on its console and every request to another host."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.addCleanup(context.close)
        page = context.new_page()
        self.trouble = []
        page.on("console", lambda message: self.trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.trouble.append("a dialog opened"), dialog.dismiss()))
        page.on("request", lambda request: None if request.url.startswith(self.viewer.url) else self.trouble.append(f"request to {request.url}"))
        page.on("requestfailed", lambda request: self.trouble.append(f"failed: {request.url}"))
        return page

    def evaluate(self, *options, model="scripted/random"):
        return view_case.View.evaluate(self, *options, model=model)

    def view(self):
        self.viewer = view_case.Viewed(self)

    def ready(self, page):
        page.wait_for_selector("#main:not([data-again])")

    def holds(self, page, expression, *values):
        """Waits until the expression is true; the page's policy lets Playwright's own waiting for functions in nowhere."""
        for _ in range(600):
            try:
                if page.evaluate(expression, *values):
                    return
            except PlaywrightError:  # the page was being left
                pass
            page.wait_for_timeout(50)
        self.fail(expression)

    def tearDown(self):
        self.assertEqual(getattr(self, "trouble", []), [])

    def test_the_numbers_are_those_of_the_report(self):
        run = self.evaluate("--epochs", "2")
        self.view()
        page = self.open()
        page.goto(self.viewer.url + f"run/{run}")
        self.ready(page)
        means = [one for one in self.metrics("report", run) if one["metric"] == "mean_score" and one["interval"] and "dimension" in one["group"]]
        self.assertTrue(means)
        shown = page.inner_text("main")
        for one in means:
            low, high = one["interval"]["low"], one["interval"]["high"]
            self.assertIn(f"{one['value']:.2f}", shown)
            self.assertIn(f"[{low:.2f}, {high:.2f}]", shown.replace("−", "-"))

    def test_filtering_and_sorting(self):
        self.evaluate()
        self.evaluate(model="scripted/a")
        self.view()
        page = self.open()
        page.goto(self.viewer.url)
        self.ready(page)
        rows = page.locator("#runs tbody tr")
        self.assertEqual(rows.count(), 2)
        page.fill("input[type=search]", "scripted/a")
        self.assertEqual(page.locator("#runs tbody tr:visible").count(), 1)
        self.assertEqual(page.inner_text("#shown"), "1 of 2")
        page.fill("input[type=search]", "")
        page.click("#runs th:has-text('Tokens') button")
        page.click("#runs th:nth-child(2) button")
        names = [name.split("\n")[0] for name in page.locator("#runs tbody th a").all_inner_texts()]
        self.assertEqual(names, sorted(names))
        page.click("#runs th:nth-child(2) button")
        self.assertEqual(page.locator("#runs tbody th a").all_inner_texts(), sorted(names, reverse=True))

    def test_from_the_runs_to_a_checkpoint_in_three_clicks(self):
        self.evaluate(model="scripted/a")
        self.view()
        page = self.open()
        page.goto(self.viewer.url)
        self.ready(page)
        page.click("#runs tbody th a")
        self.ready(page)
        page.click("#behind a >> nth=0")
        page.click("#tasks tbody th a >> nth=0")
        point = page.locator(".point[data-lights]").first
        self.assertRegex(point.inner_text(), r"\d of 2")
        # And to the event that it rests on, and back.
        link = point.locator(".cites a").first
        event = link.get_attribute("href")
        link.click()
        self.assertTrue(page.url.endswith(event))
        self.assertTrue(page.locator(event).is_visible())
        self.assertNotEqual(*(page.eval_on_selector(name, "one => getComputedStyle(one).borderColor") for name in (event, ".event.user")))
        back = page.locator(f"{event} .cites a").first
        target = back.get_attribute("href")
        back.click()
        self.assertTrue(page.url.endswith(target))
        # Hovering over a checkpoint lights its events.
        point.hover()
        self.assertIn("lit", page.get_attribute(event, "class"))

    def test_keyboard(self):
        self.evaluate()
        self.view()
        page = self.open()
        page.goto(self.viewer.url)
        self.ready(page)
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.textContent"), "Skip to the contents")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/run/*")
        self.ready(page)
        page.click(".tabs >> text=Samples")
        first = page.locator("#samples tbody th a").first.inner_text()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/sample?*")
        self.assertEqual(page.inner_text("h1"), first)
        page.keyboard.press("n")
        self.holds(page, "name => document.querySelector('h1').textContent !== name", first)

    def test_two_runs_side_by_side(self):
        self.evaluate(model="scripted/a")
        self.evaluate(model="scripted/b")
        self.view()
        page = self.open()
        page.goto(self.viewer.url)
        self.ready(page)
        for box in page.locator("input[type=checkbox]").all():
            box.check()
        page.click("button:has-text('Compare')")
        self.ready(page)
        self.assertIn("Can these runs be compared?", page.inner_text("main"))
        self.assertIn("Yes: the same tasks", page.inner_text("main"))
        page.locator("a[href^='/side-by-side']").first.click()
        self.assertEqual(page.locator(".twice > section").count(), 2)

    def test_a_run_that_is_going_on_shows_its_progress(self):
        mock = self.mock("--mode", "tools", "--latency-ms", "150", "--calls", "3")
        running = self.start("eval", "crossroads", "--model", "openai/m", "--base-url", mock.url, "--judge", "openai/j",
                             "--judge-base-url", mock.url, "--max-connections", "1", "--display", "none")
        self.wait_until(lambda: self.run_program("runs").returncode == 0, "the store was there")
        self.view()
        page = self.open()
        page.goto(self.viewer.url)
        page.wait_for_selector("progress")
        before = page.get_attribute("progress", "value")
        self.holds(page, "before => { const one = document.querySelector('progress'); return !one || one.value > Number(before); }", before)
        running.stop()

    def test_hostile_text_stays_text(self):
        run = self.evaluate("--limit", "1")
        hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)></svg>"
        connection = sqlite3.connect(self.path())
        for sql in (
            "UPDATE events SET text = ?, text_digest = NULL WHERE kind = 'message'",
            "UPDATE events SET tool_result = ? WHERE kind = 'tool'",
            "UPDATE verdicts SET rationale = ?",
            "UPDATE attempts SET final_text = ?",
            "UPDATE runs SET model = ?",
        ):
            connection.execute(sql, (hostile,))
        connection.commit()
        task = connection.execute("SELECT task FROM attempts").fetchone()[0]
        connection.close()
        self.view()
        page = self.open()
        for path in ("", f"run/{run}", f"run/{run}/samples", f"run/{run}/judges", f"run/{run}/sample?task={task}"):
            page.goto(self.viewer.url + path)
            self.ready(page)
            self.assertIn("<script>alert(1)</script>", page.inner_text("body"), path)
            self.assertEqual(page.locator("main img, main script").count(), 0)

    # Texts of figures that stick out of their figure by more than a pixel.
    STICKING_OUT = """[...document.querySelectorAll('svg.chart text')].filter(text => {
        const own = text.getBoundingClientRect(), figure = text.closest('svg').getBoundingClientRect();
        return own.width && (own.left < figure.left - 1 || own.right > figure.right + 1 || own.top < figure.top - 1 || own.bottom > figure.bottom + 1);
      }).map(text => text.closest('svg').getAttribute('aria-labelledby') + ': ' + text.textContent)"""

    def test_wide_names_stay_in_their_figures(self):
        run = self.evaluate()
        connection = sqlite3.connect(self.path())
        for old, new in (("benevolence", "W" * 36), ("power", "MORALISCHE GRUNDHALTUNGEN UND PFLICHTEN"), ("security", "价值观念" * 8)):
            connection.execute("UPDATE tasks SET record = replace(record, ?, ?)", (f'"{old}"', f'"{new}"'))
        connection.commit()
        connection.close()
        self.view()
        for width in (1280, 390):
            page = self.open(viewport={"width": width, "height": 900})
            page.goto(self.viewer.url + f"run/{run}")
            self.ready(page)
            self.assertGreater(page.locator("svg.chart text", has_text="WWWWWW").count(), 1)
            self.assertEqual(page.evaluate(self.STICKING_OUT), [])

    def every_page(self):
        """Starts the viewer over runs of several kinds; the paths of its pages by name."""
        runs = [self.evaluate(model="scripted/random"), self.evaluate(model="scripted/a")]
        self.succeeds("eval", "nurvalues", "--model", "scripted/random", "--display", "none")
        labels = max(one["run"] for one in json.loads(self.succeeds("runs", "--json"))["runs"])
        self.view()
        task = sqlite3.connect(self.path()).execute("SELECT min(task) FROM attempts WHERE run = ?", (runs[0],)).fetchone()[0]
        return {
            "runs": "",
            "run": f"run/{runs[0]}",
            "labels": f"run/{labels}",
            "value": f"run/{runs[0]}/value?name=benevolence",
            "samples": f"run/{runs[0]}/samples",
            "sample": f"run/{runs[0]}/sample?task={task}",
            "judges": f"run/{runs[0]}/judges",
            "calls": f"run/{runs[0]}/sample?task={task}#facts",
            "compare": f"compare?run={runs[0]}&run={runs[1]}",
            "beside": f"side-by-side?run={runs[0]}&run={runs[1]}&task={task}",
        }

    @unittest.skipUnless(AXE, "AXIOMETER_AXE names no axe.min.js")
    def test_no_rule_of_accessibility_is_broken(self):
        pages = self.every_page()
        with open(AXE, encoding="utf-8") as file:
            rules = file.read()
        self.succeeds("report", "-o", "report.html")
        for width, theme in ((1280, "light"), (1280, "dark"), (390, "light")):
            page = self.open(viewport={"width": width, "height": 900}, color_scheme=theme)
            for name, address in {**{name: self.viewer.url + path for name, path in pages.items()}, "report": "file://" + self.path("report.html")}.items():
                page.goto(address)
                if name != "report":
                    self.ready(page)
                page.evaluate(rules)
                found = page.evaluate(
                    "axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})")
                broken = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
                self.assertEqual(broken, [], f"{name} at {width} pixels, {theme}")
            self.trouble = [one for one in self.trouble if not one.startswith("request to file:")]

    def test_every_page_reads_in_both_widths_and_themes(self):
        pages = self.every_page()
        for width in (1280, 390):
            for theme in ("light", "dark"):
                page = self.open(viewport={"width": width, "height": 900}, color_scheme=theme)
                for name, path in pages.items():
                    page.goto(self.viewer.url + path)
                    self.ready(page)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, width, f"{name} at {width} pixels")
                    self.assertEqual(page.evaluate(self.STICKING_OUT), [], f"{name} at {width} pixels")
                    if PICTURES:
                        page.screenshot(path=os.path.join(PICTURES, f"{name}-{width}-{theme}.png"), full_page=True)
                self.assertEqual(self.trouble, [])

    def test_what_is_printed(self):
        run = self.evaluate("--limit", "1", model="scripted/a")
        self.view()
        task = sqlite3.connect(self.path()).execute("SELECT task FROM attempts").fetchone()[0]
        page = self.open(color_scheme="dark")
        page.emulate_media(media="print")
        page.goto(self.viewer.url)
        self.ready(page)
        self.assertEqual(page.locator("#runs tbody tr:visible").count(), 1)
        self.assertEqual(page.locator("button:visible, input:visible").count(), page.locator("thead button:visible").count())
        self.assertEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        page.goto(self.viewer.url + f"run/{run}/sample?task={task}")
        self.assertEqual(page.locator("nav:visible").count(), 0)
        self.assertEqual(page.evaluate("getComputedStyle(document.querySelector('aside')).position"), "static")
        # Nothing of it is cut off by a box that scrolls.
        self.assertEqual(page.evaluate("[...document.querySelectorAll('pre')].filter(one => one.offsetParent && one.scrollHeight > one.clientHeight + 1).length"), 0)

    def test_what_a_call_changed(self):
        self.evaluate(model="scripted/a")
        self.view()
        run, task, event, changes = sqlite3.connect(self.path()).execute(
            "SELECT a.run, a.task, c.event, c.changes FROM state_changes AS c JOIN attempts AS a ON a.id = c.attempt WHERE c.event > 0 LIMIT 1").fetchone()
        page = self.open()
        page.goto(self.viewer.url + f"run/{run}/sample?task={task}")
        for change in json.loads(changes):
            self.assertIn(change["path"], page.inner_text(f"#e{event} .changes"))
            self.assertIn(change["path"], page.inner_text("#changes"))

    def test_it_reads_without_script(self):
        run = self.evaluate()
        self.view()
        page = self.open(java_script_enabled=False)
        page.goto(self.viewer.url + f"run/{run}")
        for _ in range(20):
            if page.locator("svg").count():
                break
            page.wait_for_timeout(300)
            page.reload()
        self.assertGreater(page.locator("svg").count(), 0)
        page.goto(self.viewer.url + f"run/{run}/samples")
        page.locator("#samples tbody th a").first.click()
        self.assertIn("What happened", page.inner_text("main"))


if __name__ == "__main__":
    axiometer_program.main()
