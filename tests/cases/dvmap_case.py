#!/usr/bin/env python3
"""DVMap through the real program, on invented rows of the released shape.

dvmap_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Parquet and Arrow files are tested if the Python that runs this has pyarrow, or the one that the variable
AXIOMETER_PYARROW_PYTHON names; tests/run makes one.
"""

import collections
import json
import os
import shutil
import subprocess
import sys
import unittest

import axiometer_program
import invented_dvmap

ROWS = invented_dvmap.rows()
SAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "tasks", "samples", "dvmap")
READER = os.path.join(os.path.dirname(__file__), "..", "..", "tasks", "python", "read_dvmap.py")
PUBLISHED = "the data set is published at github.com/EnlightenedAI/DVMap"


other = os.environ.pop("AXIOMETER_PYARROW_PYTHON", "")
if invented_dvmap.pyarrow is None and other:
    os.execv(other, [other, *sys.argv])
PYARROW = sys.executable
needs_pyarrow = unittest.skipUnless(invented_dvmap.pyarrow, "needs pyarrow: name a Python that has it in AXIOMETER_PYARROW_PYTHON")


def official(reply, gold, cell):
    """The protocol's rules, in Python: the text in the last answer tags, and whether it is right."""
    parts = reply.split("<answer>")
    if len(parts) < 2 or "</answer>" not in parts[-1]:
        return None, False
    answer = parts[-1].split("</answer>")[0].strip()
    others = [option.strip() for option in cell.strip().split(",") if option.strip() != gold]
    return answer, answer == gold or (gold in answer and not any(other in answer for other in others))


class Dvmap(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.write("data/test.jsonl", ROWS)

    def write(self, name, rows):
        invented_dvmap.write_json_lines(self.path(name), rows)

    def changed(self, place, **cells):
        """The rows, one of them with other cells; under a new name."""
        rows = [dict(row) for row in ROWS]
        rows[place].update(cells)
        self.write("changed/test.jsonl", rows)
        return rows

    def evaluate(self, *options, data="data", model="scripted/gold", python=None):
        arguments = ["eval", "dvmap", "--model", model, "--display", "none", *options]
        arguments += ["--data", data] if data else []
        return arguments + (["--python", python] if python else [])

    def replay(self, completions):
        """A replay file of (row, epoch) to completion."""
        with open(self.path("replay.jsonl"), "w", encoding="utf-8") as file:
            for (row, epoch), completion in completions.items():
                line = {"task": f"dvmap/test/{row}", "epoch": epoch, "completion": completion}
                file.write(json.dumps(line) + "\n")
        return "replay/replay.jsonl"

    def bare_python(self):
        """A Python without packages."""
        path = self.path("bare-python")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
        os.chmod(path, 0o755)
        return path

    # The sample.

    def test_the_sample_runs_without_data_and_without_packages(self):
        arguments = self.evaluate(data=None, model="scripted/random", python=self.bare_python())
        metrics = self.metrics(*arguments)
        self.assertEqual(self.metric(metrics, "coverage")["value"], 1)
        self.assertGreaterEqual(self.metric(metrics, "accuracy")["scored"], 24)
        shown = self.succeeds("report", "latest")
        for text in ("Accuracy [95 %]", "Coverage", "Unreadable", "uniform", "majority by question+country"):
            self.assertIn(text, shown)

    def test_a_task_is_shown(self):
        row = ROWS[0]
        shown = self.succeeds("task", "show", "dvmap/test/0", "--data", "data")
        self.assertIn(f"\nright answer     {row['answer']}\noptions          {row['Options']}\n", shown)
        self.assertIn(f"\ncountry          {row['Country']}\n", shown)
        self.assertNotIn("checkpoints", shown)

    @needs_pyarrow
    def test_the_sample_in_parquet_is_the_sample(self):
        self.succeeds(*self.evaluate(data=SAMPLE))
        lines = self.by_sample()
        parquet = os.path.join(SAMPLE, "DVMap_Corpus", "test.parquet")
        self.succeeds(*self.evaluate("--fresh", data=parquet, python=PYARROW))
        self.assertEqual(self.by_sample(), lines)

    # Scoring.

    def odd_replies(self):
        """Row to reply: every kind of reply to an answer of each question, and failed calls."""
        rows, replies = [], {}
        seen = set()
        for row in ROWS:
            kind = row["Q_id"], row["answer"]
            if kind in seen:
                continue
            seen.add(kind)
            for reply in invented_dvmap.odd_replies(row["answer"], row["Options"].split(", ")):
                replies[len(rows)] = reply
                rows.append(row)
        self.write("odd/test.jsonl", rows)
        return rows, replies

    def test_the_official_numbers_are_those_of_an_independent_computation(self):
        rows, replies = self.odd_replies()
        self.assertGreater(len(replies), 200)
        model = self.replay({(row, 1): reply for row, reply in replies.items()})
        done = self.run_program(*self.evaluate("--json", data="odd", model=model))
        self.assertEqual(done.returncode, 1, done.stderr)  # failed calls
        lines = self.by_sample()
        right = collections.defaultdict(list)
        for row, reply in replies.items():
            scores = lines[f"dvmap/test/{row}", 1]["scores"]
            if reply is None:
                self.assertEqual((scores["official.kept"], scores["official.written"]), (1, 0))
                continue
            predicted, correct = official(reply, rows[row]["answer"], rows[row]["Options"])
            self.assertEqual((scores["official.predicted"], scores["official.correct"]), (predicted, correct), reply)
            right["all"].append(correct)
            right[rows[row]["Country"]].append(correct)
            right[rows[row]["Q_id"]].append(correct)
        metrics = json.loads(done.stdout)["metrics"]
        mean = {name: sum(all_) / len(all_) for name, all_ in right.items()}
        self.assertAlmostEqual(self.metric(metrics, "accuracy")["value"], mean["all"], delta=1e-12)
        self.assertEqual(self.metric(metrics, "coverage")["value"], len(right["all"]) / len(rows))
        for country in {row["Country"] for row in rows}:
            found = self.metric(metrics, "accuracy", country=country)["value"]
            self.assertAlmostEqual(found, mean[country], delta=1e-12)
        for question in {row["Q_id"] for row in rows}:
            found = self.metric(metrics, "accuracy", question=question)["value"]
            self.assertAlmostEqual(found, mean[question], delta=1e-12)

    def test_failed_calls_leave_the_official_denominator_and_are_wrong_to_the_strict_one(self):
        gold = {place: f"<answer>{row['answer']}</answer>" for place, row in enumerate(ROWS)}
        gold[0] = None
        gold[1] = "I cannot say."
        del gold[2]
        done = self.run_program(*self.evaluate("--json", model=self.replay({(row, 1): text for row, text in gold.items()})))
        metrics = json.loads(done.stdout)["metrics"]
        number = len(ROWS)
        found = self.metric(metrics, "accuracy")
        self.assertAlmostEqual(found["value"], (number - 3) / (number - 2), delta=1e-12)
        self.assertEqual((found["scored"], found["unscored"]), (number - 2, 2))
        self.assertAlmostEqual(self.metric(metrics, "coverage")["value"], (number - 2) / number, delta=1e-12)
        found = self.metric(metrics, "accuracy", "strict")
        self.assertAlmostEqual(found["value"], (number - 3) / number, delta=1e-12)
        self.assertAlmostEqual(self.metric(metrics, "unreadable", "strict")["value"], 1 / (number - 2), delta=1e-12)
        self.assertEqual(self.metric(metrics, "unanswered_count", "strict", why="no_tags")["value"], 1)
        self.assertEqual(self.metric(metrics, "unanswered_count", "strict", why="model_error")["value"], 2)

    def test_a_replay_file_need_not_fit(self):
        model = self.replay({(0, 1): f"<answer>{ROWS[0]['answer']}</answer>", (len(ROWS), 1): "x"})
        done = self.run_program(*self.evaluate("--json", model=model))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertGreater(len(ROWS), 21)  # more failed calls than an endpoint may have in a row
        unknown = f'note: the replay file has replies to 1 task outside this selection, the first "dvmap/test/{len(ROWS)}"'
        self.assertIn(unknown, done.stderr)
        metrics = json.loads(done.stdout)["metrics"]
        found = self.metric(metrics, "accuracy")
        self.assertEqual((found["value"], found["scored"], found["unscored"]), (1, 1, len(ROWS) - 1))
        self.assertEqual(self.metric(metrics, "accuracy", "strict")["value"], 1 / len(ROWS))
        with open(self.path("replay.jsonl"), "a", encoding="utf-8") as file:
            file.write('{"task": "dvmap/test/0", "epoch": 1, "completion": "again"}\n')
        message = 'axiometer: replay.jsonl:3: task "dvmap/test/0", epoch 1 was given before: see line 1'
        self.refuses(3, message, *self.evaluate("--fresh", model=model))

    def test_an_answer_that_is_no_option_is_named_and_left_out(self):
        self.changed(3, answer="Med", Options="Low, Medium, High")
        done = self.run_program(*self.evaluate("--json", data="changed"))
        self.assertIn('note: dvmap: 1 row, first row 3, column "answer": "Med" is part of an option, but none of them; '
                      "the protocol keeps such rows", done.stderr)
        self.changed(3, answer="Never", Options="Low, Medium, High")
        done = self.run_program(*self.evaluate("--json", "--fresh", "--task-id", "dvmap/test/3,dvmap/test/4", data="changed"))
        self.assertIn('note: dvmap: 1 row, first row 3, column "answer": "Never" is not among the options; '
                      "the protocol leaves such rows out", done.stderr)
        metrics = json.loads(done.stdout)["metrics"]
        self.assertEqual(self.metric(metrics, "accuracy")["scored"], 1)
        self.assertEqual(self.metric(metrics, "coverage")["value"], 1)

    def test_baselines_know_the_whole_split(self):
        cells = collections.defaultdict(collections.Counter)
        for row in ROWS:
            cells[row["Country"], row["Q_id"]][row["answer"]] += 1
        best = sum(max(answers.values()) for answers in cells.values()) / len(ROWS)
        metrics = self.metrics(*self.evaluate())
        found = self.metric(metrics, "baseline_accuracy", baseline="majority by question+country")
        self.assertAlmostEqual(found["value"], best, delta=1e-12)
        uniform = sum(1 / len(row["Options"].split(", ")) for row in ROWS) / len(ROWS)
        self.assertAlmostEqual(self.metric(metrics, "baseline_accuracy", baseline="uniform")["value"], uniform, delta=1e-12)
        first = self.metrics(*self.evaluate("--limit", "1"))
        found = self.metric(first, "baseline_accuracy", baseline="uniform")
        self.assertEqual(found["value"], 1 / len(ROWS[0]["Options"].split(", ")))

    def test_with_epochs_the_answers_are_compared_with_the_people(self):
        completions, given = {}, collections.defaultdict(list)
        for place, row in enumerate(ROWS):
            options = row["Options"].split(", ")
            for epoch in (1, 2, 3):
                answer = options[(place * epoch) % len(options)]
                completions[place, epoch] = f"<answer>{answer}</answer>"
                given[row["Country"], row["Q_id"]].append((place, options.index(answer)))
        metrics = self.metrics(*self.evaluate("--epochs", "3", model=self.replay(completions)))
        for (country, question), answers in given.items():
            people = [row for row in ROWS if (row["Country"], row["Q_id"]) == (country, question)]
            options = people[0]["Options"].split(", ")
            p = [sum(answer == i for _, answer in answers) / len(answers) for i in range(len(options))]
            q = [sum(row["answer"] == option for row in people) / len(people) for option in options]
            tv = sum(abs(a - b) for a, b in zip(p, q)) / 2
            emd = sum(abs(sum(p[:i]) - sum(q[:i])) for i in range(1, len(p))) / (len(p) - 1)
            group = {"country": country, "question": question}
            found = self.metric(metrics, "total_variation", "axiometer", **group)
            self.assertAlmostEqual(found["value"], tv, delta=1e-12)
            if len(people) >= 6:
                self.assertLessEqual(found["interval"]["low"], tv)
                self.assertGreaterEqual(found["interval"]["high"], tv)
            else:
                self.assertEqual(found["reason"], "fewer than 6 personas: no interval")
            found = self.metric(metrics, "ordered_emd", "axiometer", **group)
            self.assertAlmostEqual(found["value"], emd, delta=1e-12)
        self.metric(metrics, "total_variation", "axiometer")
        self.assertIn("Answers against those of the people", self.succeeds("report", "latest"))

    def test_rewards_come_when_asked_for(self):
        metrics = self.metrics(*self.evaluate("-T", "rewards=yes"))
        found = self.metric(metrics, "mean_reward", judge="dvmap", reward="wvs")
        self.assertAlmostEqual(found["value"], 2.8, delta=1e-12)
        self.assertFalse([metric for metric in self.metrics(*self.evaluate()) if metric["metric"] == "mean_reward"])

    # What is sent.

    def test_stored_prompts_are_sent_unchanged_as_text_parts_with_the_published_settings(self):
        module = "data/Triple-Generalization_Evaluation_Benchmark/eval_api_parallel.py"
        os.makedirs(os.path.dirname(self.path(module)))
        with open(self.path(module), "w", encoding="utf-8") as file:
            file.write('import nothing_there\nSYSTEM_PROMPT = """\nSay it.\n"""\nraise SystemExit\n')
        mock = self.mock()
        arguments = self.evaluate("--base-url", mock.url, "--limit", "2", "--max-connections", "1", model="openai/subject")
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("axiometer-1", done.stderr)
        bodies = [json.loads(request["body"]) if isinstance(request.get("body"), str) else request for request in mock.requests()]
        self.assertEqual(len(bodies), 2)
        for row, body in zip(ROWS, sorted(bodies, key=lambda body: [row["prompt"] for row in ROWS].index(
                body["messages"][1]["content"][0]["text"]))):
            self.assertEqual(body["messages"], [
                {"role": "system", "content": [{"type": "text", "text": "\nSay it.\n"}]},
                {"role": "user", "content": [{"type": "text", "text": row["prompt"]}]},
            ])
            self.assertEqual((body["temperature"], body["max_tokens"]), (0.7, 1024))
            self.assertEqual(body["chat_template_kwargs"], {"enable_thinking": False})
            self.assertNotIn("seed", body)
            self.assertNotIn("tools", body)

    def test_an_endpoint_that_knows_no_template_arguments_can_do_without(self):
        mock = self.mock()
        self.succeeds(*self.evaluate("--base-url", mock.url, "--limit", "1", "-M", "chat_template_kwargs=",
                                     model="openai/subject"))
        (request,) = mock.requests()
        self.assertNotIn("chat_template_kwargs", json.dumps(request))

    # Containers.

    @needs_pyarrow
    def test_every_container_gives_the_same_tasks(self):
        self.succeeds(*self.evaluate())
        lines = self.by_sample()
        invented_dvmap.write_parquet(self.path("parquet/test.parquet"), ROWS)
        invented_dvmap.write_saved(self.path("saved/test"), [ROWS[:17], ROWS[17:18], ROWS[18:]])
        invented_dvmap.write_arrow(self.path("file/test.arrow"), ROWS, container="file")
        large, dictionary = invented_dvmap.pyarrow.large_string(), invented_dvmap.pyarrow.dictionary(
            invented_dvmap.pyarrow.int32(), invented_dvmap.pyarrow.string())
        invented_dvmap.write_arrow(self.path("large/test.arrow"), ROWS, text=large, compression="zstd")
        invented_dvmap.write_arrow(self.path("dictionary/test.arrow"), ROWS, text=dictionary, compression="lz4")
        for data in ("parquet", "parquet/test.parquet", "saved", "saved/test", "file", "large", "dictionary"):
            with self.subTest(data=data):
                self.succeeds(*self.evaluate("--fresh", data=data, python=PYARROW))
                self.assertEqual(self.by_sample(), lines)

    @needs_pyarrow
    def test_the_overflowing_dictionary_is_one(self):
        invented_dvmap.write_parquet(self.path("test.parquet"), ROWS)
        column = invented_dvmap.pyarrow.parquet.ParquetFile(self.path("test.parquet")).metadata.row_group(0).column(
            invented_dvmap.COLUMNS.index("prompt"))
        self.assertTrue(column.has_dictionary_page)
        self.assertGreater(column.total_uncompressed_size, 4 * 4096)

    @needs_pyarrow
    def test_an_attribute_may_be_null_but_not_a_needed_text(self):
        rows = self.changed(12, Religion=None, frequency=None)
        invented_dvmap.write_saved(self.path("saved/test"), [rows])
        self.succeeds(*self.evaluate(data="saved", python=PYARROW))
        rows = self.changed(12, prompt=None)
        invented_dvmap.write_saved(self.path("saved/test"), [rows[:4], rows[4:]])
        shard = os.path.join(os.path.realpath(self.folder), "saved/test/data-00001-of-00002.arrow")
        self.refuses(3, f'axiometer: {shard}: row 8, column "prompt": is null', *self.evaluate("--db", "b.db", data="saved", python=PYARROW))

    # Bad input.

    def refuses_data(self, message, data, python=None, status=3, prefix=False):
        """`message` with FOLDER for where the case stands."""
        message = "axiometer: " + message.replace("FOLDER", os.path.realpath(self.folder))
        self.refuses(status, message, *self.evaluate(data=data, python=python), prefix=prefix)

    def test_a_missing_pyarrow_says_how_to_install_it(self):
        if not os.path.exists(os.path.join(SAMPLE, "DVMap_Corpus", "test.parquet")):
            self.skipTest("the sample has no Parquet file")
        shutil.copytree(os.path.join(SAMPLE, "DVMap_Corpus"), self.path("parquet"))
        done = self.run_program(*self.evaluate(data="parquet", python=self.bare_python()))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("reading Parquet and Arrow files needs pyarrow, which ", done.stderr)
        self.assertIn(" -m pip install pyarrow", done.stderr)

    @needs_pyarrow
    def test_numpy_is_loaded_for_a_pyarrow_that_needs_it_alone(self):
        program = "import sys; sys.path.insert(0, %r); import read_dvmap; " \
                  "print(read_dvmap.import_pyarrow().__version__, 'numpy' in sys.modules)" % os.path.dirname(READER)
        version, loaded = subprocess.check_output([sys.executable, "-B", "-c", program], text=True).split()
        self.assertEqual(version, invented_dvmap.pyarrow.__version__)
        self.assertEqual(loaded, str(int(version.split(".")[0]) < 18))
        # One from before version 18, made of this one.
        old = os.path.join(self.folder, "old")
        os.makedirs(os.path.join(old, "pyarrow"))
        with open(os.path.join(old, "pyarrow", "__init__.py"), "w", encoding="utf-8") as file:
            file.write("import sys\nimport numpy\nsys.path.remove(%r)\ndel sys.modules['pyarrow']\nimport pyarrow\n" % old)
        with open(os.path.join(old, "numpy.py"), "w", encoding="utf-8") as file:
            file.write("import sys\nprint('made up', file=sys.stderr)\ndel sys.modules['numpy']\n"
                       "sys.path.remove(%r)\nimport numpy\nsys.path.insert(0, %r)\n" % (old, old))
        done = subprocess.run([sys.executable, "-B", "-c", program], env={**os.environ, "PYTHONPATH": old}, text=True,
                              capture_output=True, check=True)
        self.assertEqual(done.stdout.split(), [version, "True"])
        self.assertEqual(done.stderr, "made up\n")

    def test_a_missing_interpreter_is_named(self):
        self.refuses_data("no/python: no such program: name another with --python", "data", "no/python", status=2)

    def test_a_needed_column_that_is_missing_prints_the_header(self):
        self.write("changed/test.jsonl", [{key: row[key] for key in row if key != "Options"} for row in ROWS])
        header = ", ".join([name for name in invented_dvmap.COLUMNS if name != "Options"] + ["data_source"])
        self.refuses_data(
            f'FOLDER/changed/test.jsonl: no column "Options"; the header is: "{header}": '
            "needed are Q_id, Options, answer, prompt", "changed")

    def test_headers_in_another_spelling_are_known(self):
        renamed = [{name.upper().replace(" ", "_"): cell for name, cell in row.items()} for row in ROWS]
        self.write("changed/test.jsonl", renamed)
        self.succeeds(*self.evaluate())
        lines = self.by_sample()
        self.succeeds(*self.evaluate("--fresh", data="changed"))
        self.assertEqual(self.by_sample(), lines)

    def test_rows_that_cannot_be_are_named(self):
        for cells, message in (
            ({"prompt": "  "}, 'row 5, column "prompt": is empty'),
            ({"answer": None}, 'row 5, column "answer": is null'),
            ({"Religion": 7}, 'row 5, column "Religion": expected text, got 7'),
            ({"frequency": "often"}, 'row 5, column "frequency": expected a number, got "often"'),
        ):
            with self.subTest(message):
                self.changed(5, **cells)
                self.refuses_data("FOLDER/changed/test.jsonl: " + message, "changed")

    def test_lines_that_are_no_rows_are_named(self):
        os.makedirs(self.path("broken"))
        for text, message in (
            (b'{"Q_id": "Q1"', ":1: no JSON: Expecting ',' delimiter: line 2 column 1 (char 14)"),
            (b'{"Q_id": "\xff"}\n', ":1: not UTF-8 text"),
        ):
            with self.subTest(message):
                with open(self.path("broken/test.jsonl"), "wb") as file:
                    file.write(text + b"\n")
                self.refuses_data("FOLDER/broken/test.jsonl" + message, "broken", prefix=True)

    def test_a_shard_that_is_named_and_absent(self):
        os.makedirs(self.path("saved/Cross-Country"))
        with open(self.path("saved/Cross-Country/state.json"), "w", encoding="utf-8") as file:
            json.dump({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}, file)
        self.refuses_data(
            'FOLDER/saved/Cross-Country/state.json: names "data-00000-of-00001.arrow", which is not in the folder: '
            + PUBLISHED, "saved")
        with open(self.path("saved/Cross-Country/state.json"), "w", encoding="utf-8") as file:
            json.dump({"_data_files": [{"filename": "../x.arrow"}]}, file)
        self.refuses_data('FOLDER/saved/Cross-Country/state.json: _data_files[0]: "../x.arrow" is no name of a file in '
                          "this folder", "saved")

    def test_a_folder_without_a_split_says_where_there_is_one(self):
        os.makedirs(self.path("empty"))
        self.refuses_data("FOLDER/empty: no split of DVMap: no .parquet or .jsonl file and no folder with a state.json: "
                          + PUBLISHED, "empty")
        self.refuses_data("FOLDER/nowhere: no such file or folder: " + PUBLISHED, "nowhere", status=2)

    def test_a_split_that_is_not_there_names_those_that_are(self):
        self.write("data/dev.jsonl", ROWS)
        self.refuses(2, f'axiometer: -T split: no split "tset" below {os.path.realpath(self.folder)}/data: did you mean "test"?',
                     *self.evaluate("-T", "split=tset"))
        self.refuses(3, f"axiometer: {os.path.realpath(self.folder)}/data: no train.parquet; there are dev, test: {PUBLISHED}",
                     *self.evaluate("-T", "split=train"))
        self.refuses(2, 'axiometer: -T: "dvmap" takes no argument "splt": did you mean "split"?', *self.evaluate("-T", "splt=dev"))

    def test_a_pointer_in_place_of_the_data(self):
        os.makedirs(self.path("pointer"))
        with open(self.path("pointer/test.parquet"), "w", encoding="utf-8") as file:
            file.write("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
        self.refuses_data("FOLDER/pointer/test.parquet: a Git LFS pointer, not the data itself: run `git lfs pull` in the checkout",
                          "pointer")

    @needs_pyarrow
    def test_a_parquet_page_that_cannot_be_read_names_column_and_row(self):
        path = self.path("broken/test.parquet")
        invented_dvmap.write_parquet(path, ROWS)
        column = invented_dvmap.pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(
            invented_dvmap.COLUMNS.index("prompt"))
        with open(path, "r+b") as file:
            file.seek(column.dictionary_page_offset + column.total_compressed_size // 2)
            file.write(b"\xff" * 400)
        self.refuses_data('FOLDER/broken/test.parquet: column "prompt": a page cannot be read, from row ', "broken", PYARROW,
                          prefix=True)

    @needs_pyarrow
    def test_files_cut_off(self):
        invented_dvmap.write_parquet(self.path("cut/test.parquet"), ROWS)
        os.truncate(self.path("cut/test.parquet"), 5000)
        self.refuses_data("FOLDER/cut/test.parquet: no readable Parquet file: ", "cut", PYARROW, prefix=True)
        invented_dvmap.write_arrow(self.path("short/test.arrow"), ROWS)
        os.truncate(self.path("short/test.arrow"), os.path.getsize(self.path("short/test.arrow")) * 2 // 3)
        self.refuses_data("FOLDER/short/test.arrow: record batch 2, after 20 rows, cannot be read: ", "short", PYARROW, prefix=True)


if __name__ == "__main__":
    axiometer_program.main()
