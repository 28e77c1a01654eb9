#!/usr/bin/env python3
"""The viewer's pages over HTTP: what they say, what they refuse, what a model wrote in them.

view_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import contextlib
import html
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.parse

import axiometer_program

MOST_BYTES = 300_000  # of a page


class Viewed:
    """A viewer at work."""

    def __init__(self, case, *options, db="axiometer.db"):
        self.process = subprocess.Popen(
            [axiometer_program.PROGRAM, "view", "--db", db, *options],
            cwd=case.folder,
            env={**case.environment(), "XDG_CACHE_HOME": case.path("cache")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        case.addCleanup(self.stop)
        self.url = self.process.stdout.readline().strip()
        self.port = int(self.url.rsplit(":", 1)[1].strip("/")) if self.url else 0

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=axiometer_program.PATIENCE_S)

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=axiometer_program.PATIENCE_S)
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply, body.decode("utf-8")

    def page(self, path):
        """Once nothing in it is being worked out any more."""
        end = time.monotonic() + axiometer_program.PATIENCE_S
        while True:
            reply, body = self.ask(path)
            assert reply.status == 200, (path, reply.status, body)
            assert len(body.encode()) <= MOST_BYTES, (path, len(body))
            if "<noscript><meta" not in body or time.monotonic() > end:
                return body
            time.sleep(0.05)


def text_of(page):
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def links(page, beginning):
    return [html.unescape(link) for link in re.findall(r'href="([^"]*)"', page) if link.startswith(beginning)]


class View(axiometer_program.ProgramCase):
    def evaluate(self, *options, model="scripted/random", judge="scripted/perfect"):
        self.succeeds("eval", "crossroads", "--model", model, "--judge", judge, "--display", "none", *options)
        return max(run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"])

    def rows(self, sql, *values):
        connection = sqlite3.connect(self.path())
        try:
            found = connection.execute(sql, values).fetchall()
            connection.commit()
            return found
        finally:
            connection.close()

    def test_every_page_of_a_run(self):
        run = self.evaluate("--epochs", "2", model="scripted/a")
        viewer = Viewed(self)
        first = viewer.page("/")
        self.assertIn("scripted/a", first)
        self.assertIn("48 of 48", text_of(first))
        self.assertIn(f"/run/{run}", links(first, "/run/"))
        results = viewer.page(f"/run/{run}")
        # Every mean of the report stands there as the report in JSON has it.
        means = [one for one in self.metrics("report", run) if one["metric"] == "mean_score" and one["value"] is not None]
        self.assertTrue(means)
        shown = text_of(results)
        for one in means:
            self.assertIn(f"{one['value']:.2f}", shown, one)
        self.assertIn("axiometer eval crossroads", shown)
        values = links(results, f"/run/{run}/value?name=")
        self.assertTrue(values)
        # From a value to its samples, one sample, one checkpoint.
        value = urllib.parse.unquote(values[0].rpartition("=")[2])
        (mean,) = [one for one in means if one["group"].get("dimension") == value]
        origin = viewer.page(values[0])
        self.assertIn(f"mean {mean['value']:.3f} over {mean['scored'] // 2} tasks, {mean['scored']} samples", " ".join(text_of(origin).split()))
        samples = viewer.page(links(origin, f"/run/{run}/samples?value=")[0])
        wanted = self.rows(
            "SELECT count(*) FROM samples AS s JOIN tasks AS t ON t.digest = s.task_digest WHERE ? IN"
            " (json_extract(t.record, '$.pole_a'), json_extract(t.record, '$.pole_b'))",
            value,
        )[0][0]
        opened = links(samples, f"/run/{run}/sample?task=")
        self.assertEqual(len(opened), wanted)
        sample = viewer.page(opened[0])
        self.assertIn("What happened", sample)
        cited = re.findall(r'<article class="point" id="([^"]*)" data-lights="([^"]*)"', sample)
        self.assertTrue(cited)
        for point, events in cited:
            for event in events.split():
                self.assertIn(f'id="{event}"', sample)
                self.assertIn(f'href="#{event}"', sample)
            self.assertIn(f'href="#{point}"', sample)
        # What the agent changed stands beside the call that changed it, and all of it together below.
        changed = self.rows("SELECT a.task, c.event, c.changes FROM state_changes AS c JOIN attempts AS a ON a.id = c.attempt WHERE c.event > 0")
        self.assertTrue(changed)
        task, event, changes = changed[0]
        story = viewer.page(f"/run/{run}/sample?task={urllib.parse.quote(task)}")
        beside = story.partition(f'id="e{event}"')[2].partition("</article>")[0]
        self.assertIn("It changed", beside)
        for change in json.loads(changes):
            self.assertIn(change["path"], text_of(beside))
        self.assertIn("What is different in the environment at the end", story)
        for name in ("judges", "samples"):
            viewer.page(f"/run/{run}/{name}")
        calls = links(sample, f"/run/{run}/calls")
        self.assertEqual(len(calls), 1)
        self.assertIn("Requests and replies", viewer.page(calls[0]))
        self.assertEqual(links(viewer.page("/"), "http"), [])

    def test_lists_are_paged_and_filtered_as_the_store_has_it(self):
        run = self.evaluate("--epochs", "6")
        viewer = Viewed(self)

        def listed(query):
            found, path = [], f"/run/{run}/samples?{query}"
            while True:
                page = viewer.page(path)
                found += [
                    (one["task"][0], int(one.get("epoch", ["1"])[0]))
                    for one in (urllib.parse.parse_qs(link.partition("?")[2]) for link in links(page, f"/run/{run}/sample?"))
                ]
                following = re.search(r'<a rel="next" href="([^"]*)"', page)
                if not following:
                    return found
                path = html.unescape(following.group(1))

        every = self.rows("SELECT task, epoch FROM samples ORDER BY task, epoch")
        self.assertEqual(len(every), 144)
        self.assertEqual(listed(""), every)
        leads = {
            (task, epoch): a - b
            for task, epoch, a, b in self.rows(
                "SELECT x.task, x.epoch, x.number, y.number FROM sample_scores AS x JOIN sample_scores AS y"
                " ON y.attempt = x.attempt AND y.judge = x.judge WHERE x.name = 'a' AND y.name = 'b'"
            )
        }
        self.assertEqual(listed("from=0.5"), [one for one in every if one in leads and leads[one] >= 0.5])
        self.assertEqual(listed("from=-0.25&to=0.25"), [one for one in every if one in leads and abs(leads[one]) <= 0.25])
        self.assertEqual(listed("unscored=1"), [one for one in every if one not in leads])
        self.assertEqual(listed("outcome=step_limit"), self.rows(
            "SELECT task, epoch FROM samples WHERE outcome = 'step_limit' ORDER BY task, epoch"))
        task = every[0][0].partition("/")[2]
        self.assertEqual(listed(f"task={task}"), [one for one in every if task in one[0]])
        self.assertEqual(listed("apart=0.1"), [])

    def test_words_are_found(self):
        run = self.evaluate()
        self.rows(
            "UPDATE events SET tool_result = '{\"note\": \"Žluťoučký zebrafish 中文測試\"}' WHERE seq ="
            " (SELECT seq FROM events WHERE kind = 'tool' LIMIT 1)"
        )
        viewer = Viewed(self)

        def found(words):
            path = f"/run/{run}/samples?" + urllib.parse.urlencode({"words": words})
            self.wait_until(lambda: "being gathered" not in viewer.page(path), "the words were gathered")
            return len(links(viewer.page(path), f"/run/{run}/sample?"))

        self.assertEqual(found("zebrafish"), 1)
        self.assertEqual(found("ZLUTOUCKY zebrafish"), 1)
        self.assertEqual(found("文測"), 1)
        self.assertEqual(found("zebrafish unicorn"), 0)
        self.assertIn("no word to look for", viewer.page(f"/run/{run}/samples?words=%22%28"))
        self.assertEqual(os.listdir(self.path("cache")), ["axiometer"])

    def test_only_judges_scores_count(self):
        run = self.evaluate()
        scored = self.rows("SELECT s.task, v.item, CAST(v.score AS INTEGER) FROM samples AS s JOIN judgements AS j ON j.attempt ="
                           " s.attempt JOIN verdicts AS v ON v.judgement = j.id WHERE v.score IS NOT NULL")
        with open(self.path("people.csv"), "w", encoding="utf-8") as file:
            file.write("task,item,rater,score\n")
            # A person who sees everything the other way round, and comes first by name.
            file.writelines(f"{task},{item},ann,{2 - score}\n" for task, item, score in scored)
        before = {one["group"]["dimension"]: one for one in self.metrics("report", run)
                  if one["metric"] == "mean_score" and "dimension" in one["group"]}
        self.succeeds("import", "judgements", "people.csv", "--run", run)
        self.assertIn("person/ann", {row[0] for row in self.rows("SELECT judge FROM judgements")})
        viewer = Viewed(self)
        for value in ("benevolence", "care"):
            page = " ".join(text_of(viewer.page(f"/run/{run}/value?name={value}")).split())
            self.assertIn(f"mean {before[value]['value']:.3f} over", page)
        self.assertEqual(links(viewer.page(f"/run/{run}/samples?apart=0.01"), f"/run/{run}/sample?"), [])
        opened = links(viewer.page(f"/run/{run}/samples"), f"/run/{run}/sample?")[0]
        sample = viewer.page(opened)
        self.assertIn("What scripted/perfect made of it", sample)
        self.assertIn("person/ann", sample)

    def test_a_check_of_the_trajectory_is_no_judge_in_the_list(self):
        run = self.evaluate()
        with contextlib.closing(sqlite3.connect(self.path("axiometer.db"))) as store, store:
            store.execute("UPDATE judgements SET (judge, protocol) = ('agent-valuebench-health', 'agent-valuebench-health')"
                          " WHERE id = (SELECT max(id) FROM judgements)")
        viewer = Viewed(self)
        page = viewer.page(f"/run/{run}/samples")
        self.assertNotIn("agent-valuebench-health", page)
        self.assertEqual(page.count("scripted/perfect"), len(links(page, f"/run/{run}/sample?")) - 1)

    def test_runs_are_compared(self):
        runs = [self.evaluate(model="scripted/a"), self.evaluate(model="scripted/b")]
        viewer = Viewed(self)
        page = viewer.page(f"/compare?run={runs[0]}&run={runs[1]}")
        for one in self.metrics("compare", *runs):
            if one["metric"] == "mean_difference" and one["value"] is not None:
                self.assertIn(f"{one['value']:+.2f}".replace("-", "−").replace("−", "-"), text_of(page).replace("−", "-"))
        beside = links(page, "/side-by-side?")
        self.assertTrue(beside)
        both = viewer.page(beside[0])
        self.assertIn('id="r1e1"', both)
        self.assertIn('id="r2e1"', both)
        reply, body = viewer.ask(f"/compare?run={runs[0]}")
        self.assertEqual(reply.status, 404)
        self.assertIn("two to 8 runs", body)

    def test_runs_that_do_not_fit_are_refused_until_one_insists(self):
        first, second = self.evaluate(), self.evaluate(model="scripted/a", judge="scripted/severe")
        self.succeeds("eval", "nurvalues", "--model", "scripted/random", "--display", "none")
        labels = max(run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"])
        viewer = Viewed(self)
        insist = links(viewer.page(f"/compare?run={first}&run={second}"), "/compare?")
        self.assertEqual(insist, [f"/compare?run={first}&run={second}&differences=1"])
        self.assertIn("judge", text_of(viewer.page(insist[0])))
        # Nothing in common: no use to insist.
        page = viewer.page(f"/compare?run={first}&run={labels}")
        self.assertIn("have no task in common", text_of(page))
        self.assertEqual(links(page, "/compare?"), [])

    def test_only_this_computer_and_its_own_pages(self):
        self.evaluate("--limit", "1")
        viewer = Viewed(self)
        own = f"127.0.0.1:{viewer.port}"
        for headers, status in (
            ({"Host": own}, 200),
            ({"Host": f"localhost:{viewer.port}"}, 200),
            ({"Host": "evil.example"}, 403),
            ({"Host": f"127.0.0.1.evil.example:{viewer.port}"}, 403),
            ({"Host": own, "Origin": "http://evil.example"}, 403),
            ({"Host": own, "Origin": f"http://{own}"}, 200),
            ({"Host": own, "Origin": "null"}, 403),
            ({"Host": own, "Sec-Fetch-Site": "cross-site"}, 403),
            ({"Host": own, "Sec-Fetch-Site": "same-site"}, 403),
            ({"Host": own, "Sec-Fetch-Site": "none"}, 200),
        ):
            reply, body = viewer.ask("/", **headers)
            self.assertEqual(reply.status, status, headers)
            self.assertEqual("scripted/random" in body, status == 200, headers)
            self.assertIn("default-src 'none'", reply.headers["Content-Security-Policy"])
            self.assertIsNone(reply.headers["Access-Control-Allow-Origin"])
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            self.assertEqual(viewer.ask("/", method)[0].status, 405, method)
        reply, body = viewer.ask("/", "HEAD")
        self.assertEqual((reply.status, body), (200, ""))
        self.assertGreater(int(reply.headers["Content-Length"]), 1000)  # that of the page

    def test_what_is_not_there(self):
        run = self.evaluate("--limit", "1")
        viewer = Viewed(self)
        for path in (
            "/nothing",
            "/run",
            "/run/01ARZ3NDEKTSV4RRFFQ69G5FAV",
            f"/run/{run}/elsewhere",
            f"/run/{run}/sample?task=crossroads/none",
            f"/run/{run}/calls",
            f"/run/{run}/text?attempt=1&event=1&part=text",
            "/%ff",
            "/run/%zz",
            "/run/..%2f..%2fetc%2fpasswd",
            "/../../etc/passwd",
        ):
            reply, body = viewer.ask(path)
            self.assertEqual(reply.status, 404, path)
            self.assertIn("<h1>", body, path)
        sample = self.rows("SELECT task FROM attempts")[0][0]
        for path, said in (
            (f"/run/{run}/samples?from=abc", "from=abc means nothing"),
            (f"/run/{run}/samples?to=nan", "Give a number from -1 to 1"),
            (f"/run/{run}/samples?apart=3", "Give a number from 0 to 2"),
            (f"/run/{run}/samples?after=x&after_epoch=1e300", "after_epoch=1e300 means nothing"),
            (f"/run/{run}/samples?rank=best", "leads, trails or even"),
            (f"/run/{run}/samples?outcome=won", "outcome=won means nothing"),
            (f"/run/{run}/sample?task={sample}&epoch=zero", "Give a whole number from 1 on"),
            (f"/run/{run}/sample?task={sample}&epoch=4294967297", "epoch=4294967297 means nothing"),
            (f"/run/{run}/sample?task={sample}&attempt=last", "attempt=last means nothing"),
            (f"/run/{run}/calls?attempt=1&from=-1", "Give a whole number from 0 on"),
        ):
            reply, body = viewer.ask(path)
            self.assertEqual(reply.status, 400, path)
            self.assertIn(said, text_of(body), path)
        reply, body = viewer.ask(f"/run/{run}/sample?task={sample}&judge=bogus")
        self.assertEqual(reply.status, 404)
        self.assertIn("no judgement of that judge", body)
        self.assertEqual(viewer.ask(f"/run/{run}/samples?from=&to=0.5&rank=&outcome=finished&apart=")[0].status, 200)
        for letters in (20_000, 500_000):  # longer than any address
            self.assertEqual(viewer.ask("/?words=" + "x" * letters)[0].status, 431)
        self.assertEqual(viewer.ask("/")[0].status, 200)

    def test_hostile_text_stays_text(self):
        run = self.evaluate("--limit", "1")
        hostile = (
            "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"
            "\x1b[31mred\x1b]0;title\x07\u202egnp.exe\u2066 \x00nul </pre></article>"
        )
        self.rows("UPDATE events SET text = ?, text_digest = NULL WHERE kind = 'message'", hostile)
        self.rows("UPDATE events SET tool_result = ?, tool_arguments = ?, tool_name = ? WHERE kind = 'tool'", hostile, hostile, hostile)
        self.rows("UPDATE attempts SET final_text = ?, detail = ?", hostile, hostile)
        self.rows("UPDATE verdicts SET rationale = ?, item = item || ?", hostile, '"><b>')
        self.rows("UPDATE judgements SET judge = ?, problem = ?", hostile, hostile)
        self.rows("UPDATE runs SET model = ?, tags = ?, command = ?", hostile, hostile, hostile)
        # A lone surrogate, as some encoders write it: no valid UTF-8.
        self.rows("UPDATE attempts SET final_state = CAST(x'7b22eda080223a317d' AS TEXT)")
        task = self.rows("SELECT task FROM attempts")[0][0]
        viewer = Viewed(self)
        for path in ("/", f"/run/{run}", f"/run/{run}/samples", f"/run/{run}/judges", f"/run/{run}/sample?task={task}"):
            page = viewer.page(path)
            for mark in ("<script>alert", "<img", "<svg onload", "\x1b", "\u202e", "\u2066", "\x00", "\x07", "<b>\""):
                self.assertNotIn(mark, page, path)
            self.assertIn("&lt;script&gt;", page, path)
            tags = re.findall(r"<(/?)(main|article|pre|section|details|table)\b", page)
            for name in {name for _, name in tags}:
                opened = sum(1 for slash, one in tags if one == name and not slash)
                self.assertEqual(opened, sum(1 for slash, one in tags if one == name and slash), (path, name))

    def test_a_long_output_is_not_sent_whole(self):
        run = self.evaluate("--limit", "1")
        long = "word " * 300_000
        self.rows("UPDATE events SET tool_result = ? WHERE kind = 'tool'", long)
        task = self.rows("SELECT task FROM attempts")[0][0]
        viewer = Viewed(self)
        page = viewer.page(f"/run/{run}/sample?task={task}")
        whole = [link for link in links(page, f"/run/{run}/text?") if "part=result" in link]
        self.assertTrue(whole)
        told, path = "", whole[0]
        while path:
            part = viewer.page(path)
            told += html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", part, re.S).group(1))
            following = re.search(r'<a rel="next" href="([^"]*)"', part)
            path = html.unescape(following.group(1)) if following else None
        self.assertEqual(told.replace(" ", ""), long.replace(" ", ""))

    def test_a_run_that_is_going_on(self):
        mock = self.mock("--mode", "tools", "--latency-ms", "150", "--calls", "3")
        running = self.start("eval", "crossroads", "--model", "openai/m", "--base-url", mock.url, "--judge", "openai/j",
                             "--judge-base-url", mock.url, "--max-connections", "1", "--display", "none")
        self.wait_until(lambda: os.path.exists(self.path()) and self.rows("SELECT 1 FROM sqlite_schema WHERE name = 'attempts'") and
                        self.rows("SELECT count(*) FROM attempts WHERE outcome IS NOT NULL")[0][0] > 0, "a sample was done")
        viewer = Viewed(self)
        first = viewer.page("/")
        self.assertIn("running", first)
        self.assertIn("<progress", first)
        done = lambda page: int(re.search(r'<progress value="(\d+)"', page).group(1))
        before = done(first)
        self.wait_until(lambda: done(viewer.page("/")) > before, "progress showed")
        run = self.rows("SELECT id FROM runs")[0][0]
        self.assertIn("running", text_of(viewer.page(f"/run/{run}")))
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGINT)
        running.process.wait()
        self.wait_until(lambda: "interrupted" in text_of(viewer.page("/")), "the end showed")

    def test_a_run_is_not_held_up_by_those_who_look_on(self):
        self.evaluate("--limit", "1")
        viewer = Viewed(self)
        run = self.rows("SELECT id FROM runs")[0][0]
        stop, answered, trouble = threading.Event(), [], []

        def look():
            while not stop.is_set():
                for path in ("/", f"/run/{run}/samples?from=0.99", f"/run/{run}/samples?words=the", f"/run/{run}/judges"):
                    reply, body = viewer.ask(path)
                    (answered if reply.status == 200 else trouble).append((path, reply.status, body))

        lookers = [threading.Thread(target=look) for _ in range(3)]
        for looker in lookers:
            looker.start()
        try:
            self.evaluate("--epochs", "3", model="scripted/a")
        finally:
            stop.set()
            for looker in lookers:
                looker.join()
        self.assertEqual(trouble, [])
        self.assertGreater(len(answered), 20)
        self.assertEqual(self.rows("SELECT count(*) FROM samples WHERE outcome = 'finished'")[0][0], 73)

    def test_what_cannot_be_viewed(self):
        self.refuses(2, 'axiometer: store "axiometer.db" does not exist: "axiometer eval" makes one; name another with --db', "view")
        self.evaluate("--limit", "1")
        viewer = Viewed(self)
        taken = self.run_program("view", "--port", str(viewer.port))
        self.assertEqual(taken.returncode, 1)
        self.assertIn(f"127.0.0.1:{viewer.port}: Address already in use: name another port with --port", taken.stderr)
        viewer.stop()
        self.assertEqual(viewer.process.returncode, 0)
        before = self.rows("SELECT count(*) FROM events")
        self.rows("PRAGMA user_version = 1000")
        newer = self.run_program("view")
        self.assertEqual(newer.returncode, 2)
        self.assertIn("written by a newer axiometer", newer.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM events"), before)


if __name__ == "__main__":
    axiometer_program.main()
