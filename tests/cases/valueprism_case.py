#!/usr/bin/env python3
"""ValuePrism through the real program, on invented rows of the released shapes.

valueprism_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import collections
import json
import math
import os
import unittest

import axiometer_program
import faulty_endpoint
import invented_valueprism

SAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "tasks", "samples", "valueprism")
PUBLISHED = "the data set is published as allenai/ValuePrism at huggingface.co, behind its licence terms"
LABELS = {"relevance": ("Yes", "No"), "valence": ("Supports", "Opposes", "Either")}

# Replies with what they must be read as: "{0}" the label, "{1}" another one of the task.
# The second part: 0 for the label, None for nothing, with the kind.
ODD = (
    ("{0}", 0), ("{0}.", 0), (" {0}\n", 0), ("**{0}**", 0), ('"{0}"', 0), ("“{0}”", 0), ("'{0}'", 0), ("({0})", 0), ("[{0}]", 0),
    ("- {0}", 0), ("* {0}", 0), ("{0}!", 0), ("{0}?", 0), ("`{0}`", 0), ("```\n{0}\n```", 0), ("…{0}…", 0), ("\u00a0{0}\u3000", 0),
    ("\ufeff{0}", 0), ("{0} 👍", 0), ("→ {0}", 0), ("# {0}", 0), ("<{0}>", 0), ("{{{0}}}", 0), ("\t{0}\r\n", 0), ("{0}—", 0),
    ("Answer: {0}", 0), ("The answer is {0}.", 0), ("{0}, because of the noise.", 0), ("{0}\n\nThe bell is loud.", 0),
    ("{0} {0} {0}", 0), ("{0}. I repeat: {0}.", 0), ("Label={0};", 0), ("I would say \"{0}\"", 0), ("My answer:{0}", 0),
    ("1. {0}", 0), ("{0}/", 0), ("the bell – {0} – the bell", 0), ("{{\"label\": \"{0}\"}}", 0), ("<think>hm</think>{0}", 0),
    ("{0} or {1}", "two_labels"), ("{1}, no wait: {0}", "two_labels"), ("Not {1} but {0}", "two_labels"), ("{0}/{1}", "two_labels"),
    ("", "empty"), ("   \n", "empty"), ("...", "empty"), ("**", "empty"), ("\u3000", "empty"), ("👍", "empty"), ("—", "empty"),
    ("I cannot say.", "no_label"), ("{0}x", "no_label"), ("x{0}", "no_label"), ("{0}_", "no_label"), ("1{0}", "no_label"),
    ("é{0}", "no_label"), ("irrelevant", "no_label"), ("not relevant", "no_label"), ("relevant", "no_label"), ("A", "no_label"),
    ("Ja", "no_label"), ("是", "no_label"),
)


def odd_replies(task):
    """Reply, the label that it is read as or None, and the kind of what cannot be read."""
    labels = LABELS[task]
    for place, label in enumerate(labels):
        other = labels[(place + 1) % len(labels)]
        for text, outcome in ODD:
            for form in (str, str.lower, str.upper):
                reply = text.format(form(label), form(other))
                if form is str or "{" in text.replace("{{", ""):
                    yield reply, label if outcome == 0 else None, "" if outcome == 0 else outcome


def f1_scores(golds, predictions, labels):
    scores = {}
    for label in labels:
        hits = sum(g == p == label for g, p in zip(golds, predictions))
        total = golds.count(label) + predictions.count(label)
        scores[label] = 2 * hits / total if total else None
    return scores


def auroc(positive, negative):
    return sum((a > b) + (a == b) / 2 for a in positive for b in negative) / (len(positive) * len(negative))


class ValuePrism(axiometer_program.ProgramCase):
    def evaluate(self, *options, data=None, model="scripted/random"):
        arguments = ["eval", "valueprism", "--model", model, "--display", "none", *options]
        return arguments + (["--data", data] if data else [])

    def value(self, metrics, name, **group):
        return self.metric(metrics, name, "axiometer", **group)["value"]

    def lines(self):
        return {line["task"]: line for line in self.export()}

    def replay(self, completions):
        with open(self.path("replay.jsonl"), "w", encoding="utf-8") as file:
            for task, completion in completions.items():
                file.write(json.dumps({"task": "valueprism/" + task, "completion": completion}) + "\n")
        return "replay/replay.jsonl"

    def table(self, layout, rows, split="test"):
        """Rows of this layout, in the folder `data`."""
        header = invented_valueprism.HEADERS[layout]
        name = "full" if layout == "full" else f"{layout}_{split}"
        invented_valueprism.write_table(self.path(f"data/{layout}/{name}.csv"), [dict(zip(header, row)) for row in rows], header)

    # The sample.

    def test_the_sample_runs_without_data(self):
        metrics = self.metrics(*self.evaluate())
        for task, labels in LABELS.items():
            found = self.metric(metrics, "accuracy", "axiometer", task=task)
            self.assertGreaterEqual(found["scored"], 24)
            self.assertIsNotNone(found["interval"])
            self.assertEqual(self.value(metrics, "coverage", task=task), 1)
            self.assertEqual(self.value(metrics, "unreadable", task=task), 0)
            self.assertEqual(self.value(metrics, "baseline_accuracy", task=task, baseline="uniform"), 1 / len(labels))
        self.assertEqual(self.value(metrics, "coverage", task="generation"), 1)
        self.assertEqual(self.metric(metrics, "rouge_l", "axiometer", task="explanation")["scored"], 28)
        shown = self.succeeds("report", "latest")
        for text in ("Accuracy [95 %]", "Coverage", "Unreadable", "uniform", "majority", "Macro-F1", "Within one situation", "Generation"):
            self.assertIn(text, shown)

    def test_the_sample_is_what_the_script_beside_this_file_writes(self):
        invented_valueprism.write_release(self.path("again"))
        invented_valueprism.write_vital(self.path("again/vital/vital.json"))
        for folder, _, names in os.walk(SAMPLE):
            for name in names:
                below = os.path.relpath(os.path.join(folder, name), SAMPLE)
                with open(os.path.join(SAMPLE, below), "rb") as ours, open(self.path("again/" + below), "rb") as made:
                    self.assertEqual(ours.read(), made.read(), below)

    def test_a_subject_that_knows_the_references_scores_all(self):
        metrics = self.metrics(*self.evaluate(model="scripted/gold"))
        for task in LABELS:
            self.assertEqual(self.value(metrics, "accuracy", task=task), 1)
            self.assertEqual(self.value(metrics, "macro_f1", task=task), 1)
            self.assertEqual(self.value(metrics, "pair_probe", task=task, scores="label"), 1)
        for name in ("vrd_coverage", "vrd_precision"):
            self.assertEqual(self.value(metrics, name, task="generation", matcher="exact"), 1)
        self.assertEqual(self.value(metrics, "rouge_l", task="explanation"), 1)

    def test_every_layout_gives_the_same_gold(self):
        """Of the test split: its own tables, and all tasks taken from the mixture."""
        self.succeeds(*self.evaluate(model="scripted/gold"))
        own = collections.Counter(
            (line["task"].split("/")[1], line["completion"]) for line in self.export() if "generation" not in line["task"])
        self.succeeds(*self.evaluate("-T", "layout=mixture", model="scripted/gold"))
        mixed = collections.Counter(
            (line["task"].split("/")[1], line["completion"]) for line in self.export() if "generation" not in line["task"])
        self.assertEqual(mixed, own)
        metrics = self.metrics(*self.evaluate("-T", "layout=full", "-T", "task=valence", model="scripted/gold"))
        self.assertEqual(self.metric(metrics, "accuracy", "axiometer", task="valence")["scored"], len(invented_valueprism.rows()))
        metrics = self.metrics(*self.evaluate("-T", "layout=vital", model="scripted/gold"))
        situations = {record["situation"] for record in invented_valueprism.vital_records()}
        self.assertEqual(self.metric(metrics, "vrd_count", "axiometer", task="generation")["scored"], len(situations))

    def test_valences_of_the_full_table_reach_generation(self):
        metrics = self.metrics(*self.evaluate("-T", "layout=full", "-T", "task=generation", model="scripted/gold"))
        situations = collections.defaultdict(list)
        for row in invented_valueprism.rows():
            situations[row["situation"]].append(row)
        both = [{"Supports", "Opposes"} <= {row["valence"] for row in rows} for rows in situations.values()]
        self.assertAlmostEqual(self.value(metrics, "both_sides", task="generation"), sum(both) / len(both), delta=1e-12)
        types = [len({row["vrd"] for row in rows}) for rows in situations.values()]
        self.assertAlmostEqual(self.value(metrics, "types_named", task="generation"), sum(types) / len(types), delta=1e-12)
        metrics = self.metrics(*self.evaluate("-T", "layout=full", "-T", "task=generation", "-T", "stance=no", model="scripted/gold"))
        found = self.metric(metrics, "both_sides", "axiometer", task="generation")
        self.assertEqual((found["value"], found["scored"]), (None, 0))

    # Labels read from text.

    def test_odd_replies_are_read_as_worked_by_hand(self):
        total = 0
        for task, labels in LABELS.items():
            replies = list(odd_replies(task))
            total += len(replies)
            golds = [labels[(7 * place + place // 11) % len(labels)] for place in range(len(replies))]
            types = [("Value", "Right", "Duty")[place % 3] for place in range(len(replies))]
            self.table(task, [(f"Situation {place // 6}", types[place], f"text {place}", gold) for place, gold in enumerate(golds)])
            model = self.replay({f"{task}/test/{place}": reply for place, (reply, _, _) in enumerate(replies)})
            metrics = self.metrics(*self.evaluate("-T", f"task={task}", data="data", model=model))
            lines = self.lines()
            predictions = []
            kinds = collections.Counter()
            for place, (reply, expected, kind) in enumerate(replies):
                scores = lines[f"valueprism/{task}/test/{place}"]["scores"]
                self.assertEqual((scores["label"], scores.get("problem", "")), (expected, kind), repr(reply))
                self.assertEqual(scores["correct"], int(expected == golds[place]))
                self.assertEqual([scores["p." + label] for label in labels], [None] * len(labels))
                predictions.append(expected)
                kinds[kind] += 1
            right = [gold == prediction for gold, prediction in zip(golds, predictions)]
            found = self.metric(metrics, "accuracy", "axiometer", task=task)
            self.assertAlmostEqual(found["value"], sum(right) / len(right), delta=1e-12)
            self.assertEqual((found["scored"], found["unscored"]), (len(right), 0))
            f1 = f1_scores(golds, predictions, labels)
            for label in labels:
                self.assertAlmostEqual(self.value(metrics, "f1", task=task, **{"class": label}), f1[label], delta=1e-12)
            self.assertAlmostEqual(self.value(metrics, "macro_f1", task=task), sum(f1.values()) / len(labels), delta=1e-12)
            weighted = sum(golds.count(label) * f1[label] for label in labels) / len(golds)
            self.assertAlmostEqual(self.value(metrics, "weighted_f1", task=task), weighted, delta=1e-12)
            for type_ in ("Value", "Right", "Duty"):
                of_type = [correct for correct, one in zip(right, types) if one == type_]
                self.assertAlmostEqual(
                    self.value(metrics, "accuracy", task=task, type=type_), sum(of_type) / len(of_type), delta=1e-12)
            for label in labels:
                of_gold = [correct for correct, gold in zip(right, golds) if gold == label]
                self.assertAlmostEqual(
                    self.value(metrics, "accuracy", task=task, gold=label), sum(of_gold) / len(of_gold), delta=1e-12)
                self.assertEqual(
                    sum(metric["value"] for metric in metrics if metric["metric"] == "confusion_count"
                        and metric["group"]["gold"] == label), golds.count(label))
            unread = sum(count for kind, count in kinds.items() if kind)
            self.assertAlmostEqual(self.value(metrics, "unreadable", task=task), unread / len(replies), delta=1e-12)
            for kind in ("empty", "no_label", "two_labels"):
                self.assertEqual(self.value(metrics, "unanswered_count", task=task, why=kind), kinds[kind])
            majority = max(golds.count(label) for label in labels) / len(golds)
            self.assertAlmostEqual(
                self.value(metrics, "baseline_accuracy", task=task, baseline="majority"), majority, delta=1e-12)
            self.assertEqual(self.metric(metrics, "auroc", "axiometer", task=task, **({} if task == "relevance" else {"class": "Either"}))["value"], None)
            self.check_probe(metrics, task, golds, predictions)
        self.assertGreaterEqual(total, 200)

    def check_probe(self, metrics, task, golds, predictions):
        """Rows of six are a situation; what could not be read has no score."""
        lean = {LABELS[task][0]: 1, LABELS[task][1]: -1, "Either": 0, None: None}
        wins, pairs, missing = 0, 0, 0
        for start in range(0, len(golds), 6):
            rows = [(golds[i], lean[predictions[i]]) for i in range(start, min(start + 6, len(golds)))]
            for _, first in (row for row in rows if row[0] == LABELS[task][0]):
                for _, second in (row for row in rows if row[0] == LABELS[task][1]):
                    if first is None or second is None:
                        missing += 1
                        continue
                    pairs += 1
                    wins += (first > second) + (first == second) / 2
        found = self.metric(metrics, "pair_probe", "axiometer", task=task, scores="label")
        self.assertEqual((found["scored"], found["unscored"]), (pairs, missing))
        self.assertAlmostEqual(found["value"], wins / pairs, delta=1e-12)

    def test_failed_calls_are_left_out_and_bound_the_accuracy(self):
        self.table("valence", [(f"Situation {i}", "Value", f"text {i}", "Supports") for i in range(8)])
        model = self.replay({f"valence/test/{i}": None if i == 0 else "Supports" if i < 6 else "Perhaps" for i in range(7)})
        done = self.run_program(*self.evaluate("--json", data="data", model=model))
        self.assertEqual(done.returncode, 1, done.stderr)
        metrics = json.loads(done.stdout)["metrics"]
        found = self.metric(metrics, "accuracy", "axiometer", task="valence")
        self.assertAlmostEqual(found["value"], 5 / 6, delta=1e-12)
        self.assertEqual((found["scored"], found["unscored"]), (6, 2))
        self.assertAlmostEqual(found["bounds"]["low"], 5 / 8, delta=1e-12)
        self.assertAlmostEqual(found["bounds"]["high"], 7 / 8, delta=1e-12)
        self.assertAlmostEqual(self.value(metrics, "coverage", task="valence"), 5 / 8, delta=1e-12)
        self.assertEqual(self.value(metrics, "unanswered_count", task="valence", why="model_error"), 2)
        self.assertEqual(self.value(metrics, "unanswered_count", task="valence", why="no_label"), 1)
        found = self.metric(metrics, "macro_f1", "axiometer", task="valence")
        self.assertEqual((found["scored"], found["unscored"]), (6, 2))

    # Free text.

    def test_lists_are_scored_as_worked_by_hand(self):
        self.table("generative", [
            ("A nap", "Right", "Right to rest"), ("A nap", "Duty", "Duty to work"), ("A nap", "Value", "Health"), ("A nap", "Value", "Calm"),
            ("A run", "Value", "Health"), ("A run", "Value", "Fair play"), ("A swim", "Value", "Joy"), ("A climb", "Value", "Joy"),
        ])
        model = self.replay({
            "generation/test/0": "1. **Right:** the right to rest (Supports)\n- Value: healths (opposes)\nValue: Health\nDuty: Health\nDone.",
            "generation/test/4": "Value: Good fair play\nValue: Health",
            "generation/test/6": "Joy matters to everyone.",
            "generation/test/7": "",
        })
        metrics = self.metrics(*self.evaluate(data="data", model=model))
        lines = self.lines()
        first = lines["valueprism/generation/test/0"]["scores"]
        self.assertEqual(first, {
            "count": 4, "unread_lines": 1, "distinctness": 0.75, "coverage.exact": 0.5, "precision.exact": 2 / 3,
            "coverage.overlap": 0.5, "precision.overlap": 2 / 3, "types": 3, "valences": 2, "both_sides": 1})
        second = lines["valueprism/generation/test/4"]["scores"]
        self.assertEqual((second["coverage.exact"], second["coverage.overlap"]), (0.5, 1))  # fair play: F = 4/5
        self.assertEqual((second["valences"], second["both_sides"]), (None, None))
        self.assertEqual(lines["valueprism/generation/test/6"]["scores"], {"problem": "no_vrd"})
        self.assertEqual(lines["valueprism/generation/test/7"]["scores"], {"problem": "empty"})
        found = self.metric(metrics, "vrd_coverage", "axiometer", task="generation", matcher="exact")
        self.assertEqual((found["value"], found["scored"], found["unscored"]), (0.5, 2, 2))
        self.assertEqual(self.value(metrics, "vrd_coverage", task="generation", matcher="overlap"), 0.75)
        self.assertAlmostEqual(self.value(metrics, "vrd_precision", task="generation", matcher="exact"), (2 / 3 + 1 / 2) / 2, delta=1e-12)
        self.assertEqual(self.value(metrics, "distinctness", task="generation"), 0.875)
        self.assertEqual(self.value(metrics, "vrd_count", task="generation"), 3)
        self.assertEqual(self.value(metrics, "types_named", task="generation"), 2)
        self.assertEqual(self.metric(metrics, "both_sides", "axiometer", task="generation")["scored"], 1)
        self.assertEqual(self.value(metrics, "unreadable", task="generation"), 0.5)
        # Two a situation are the commonest: Health and Joy.
        self.assertEqual(
            self.value(metrics, "baseline_vrd_coverage", task="generation", matcher="exact", baseline="the commonest"),
            (1 / 4 + 1 / 2 + 1 + 1) / 4)

    def test_explanations_are_scored_as_worked_by_hand(self):
        self.table("explanation", [("A nap", "Value", "Health", "Sleep heals the body."), ("A run", "Value", "Health", "Legs grow strong.")])
        metrics = self.metrics(*self.evaluate(
            data="data", model=self.replay({"explanation/test/0": "The body heals in sleep", "explanation/test/1": " "})))
        scores = self.lines()["valueprism/explanation/test/0"]["scores"]
        self.assertAlmostEqual(scores["rouge_1"], 2 * 0.8 * 1 / 1.8, delta=1e-12)
        self.assertAlmostEqual(scores["rouge_l"], 2 * 0.4 * 0.5 / 0.9, delta=1e-12)
        self.assertEqual(self.metric(metrics, "rouge_l", "axiometer", task="explanation")["scored"], 1)
        self.assertEqual(self.value(metrics, "baseline_rouge_l", task="explanation", baseline="another row's"), 0)
        self.assertEqual(self.value(metrics, "unanswered_count", task="explanation", why="empty"), 1)

    # Likelihoods.

    def endpoint(self, probabilities, **changes):
        """Answers a prompt whose last quoted text is T with the tokens and probabilities of T."""
        def answer(request, _):
            asked = faulty_endpoint.asked(request)
            (tokens,) = [tokens for text, tokens in probabilities.items() if f": {text}\n" in asked]
            if "speak for this" in asked:
                tokens = tokens[1]
            else:
                tokens = tokens[0]
            top = [{"token": token, "logprob": math.log(p)} for token, p in tokens]
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": tokens[0][0]},
                      "logprobs": {"content": [{**top[0], "top_logprobs": top}]}, **changes}
            return json.dumps({"id": "x", "model": request["model"], "choices": [choice]}).encode()
        endpoint = faulty_endpoint.FaultyEndpoint(None, answer)
        self.addCleanup(endpoint.stop)
        return endpoint

    def test_likelihoods_of_an_endpoint_give_area_decision_and_entropy(self):
        self.table("relevance", [("A nap", "Value", "Rest", "Yes"), ("A nap", "Duty", "Work", "Yes"), ("A nap", "Value", "Speed", "No")])
        self.table("valence", [("A nap", "Value", "Rest", "Supports"), ("A nap", "Duty", "Work", "Opposes")])
        probabilities = {
            "Rest": ([("Yes", 0.72), (" yes", 0.08), ("No", 0.2)], [("Supports", 0.5), ("Opp", 0.1), ("Either", 0.2), ("The", 0.2)]),
            "Work": ([("Yes", 0.3), ("no", 0.1)], [("Opposes", 0.6), ("Supports", 0.2), ("Either", 0.2)]),
            "Speed": ([("Yes", 0.6), ("No", 0.2)], []),
        }
        endpoint = self.endpoint(probabilities)
        metrics = self.metrics(*self.evaluate(
            "-T", "elicitation=likelihood", "--base-url", endpoint.url, data="data", model="openai/subject"))
        for body in endpoint.take_bodies():
            request = json.loads(body)
            self.assertEqual((request["logprobs"], request["top_logprobs"], request["temperature"]), (True, 20, 0))
        lines = self.lines()
        rest = lines["valueprism/valence/test/0"]["scores"]
        for name, expected in (("p.Supports", 0.5 / 0.8), ("p.Opposes", 0.1 / 0.8), ("p.Either", 0.2 / 0.8), ("label_mass", 0.8)):
            self.assertAlmostEqual(rest[name], expected, delta=1e-12)
        self.assertEqual(rest["label"], "Supports")
        self.assertAlmostEqual(lines["valueprism/relevance/test/1"]["scores"]["p.Yes"], 0.75, delta=1e-12)
        # P(Yes): Rest 0.8, Work 0.75, both relevant; Speed 0.75, not relevant.
        self.assertAlmostEqual(self.value(metrics, "auroc", task="relevance"), auroc([0.8, 0.75], [0.75]), delta=1e-12)
        self.assertAlmostEqual(self.value(metrics, "pair_probe", task="relevance", scores="likelihood"), 0.75, delta=1e-12)
        self.assertEqual(self.value(metrics, "pair_probe", task="valence", scores="likelihood"), 1)
        weighted = [0.8 * a / 0.8 + 0.75 * b for a, b in zip((0.5, 0.1, 0.2), (0.2, 0.6, 0.2))]
        d = [part / sum(weighted) for part in weighted]
        for label, part in zip(LABELS["valence"], d):
            self.assertAlmostEqual(
                self.value(metrics, "decision_share", weights="relevance", **{"class": label}), part, delta=1e-12)
        entropy = -sum(part * math.log2(part) for part in d)
        self.assertAlmostEqual(self.value(metrics, "decision_entropy_bits", weights="relevance"), entropy, delta=1e-12)
        distance = sum(abs(part - gold) for part, gold in zip(d, (0.5, 0.5, 0))) / 2
        self.assertAlmostEqual(self.value(metrics, "decision_distance", weights="relevance"), distance, delta=1e-12)
        self.assertIn("Decisions", self.succeeds("report", "latest"))
        # A run that asks the same again is answered from the store, log-probabilities included.
        self.succeeds(*self.evaluate(
            "-T", "elicitation=likelihood", "--base-url", endpoint.url, "--fresh", data="data", model="openai/subject"))
        self.assertEqual(endpoint.take_bodies(), [])
        self.assertEqual({task: line["scores"] for task, line in self.lines().items()},
                         {task: line["scores"] for task, line in lines.items()})

    def test_without_relevance_all_weigh_the_same(self):
        self.table("valence", [("A nap", "Value", "Rest", "Supports"), ("A nap", "Duty", "Work", "Opposes")])
        probabilities = {"Rest": ([], [("Supports", 1.0)]), "Work": ([], [("Opposes", 1.0)])}
        metrics = self.metrics(*self.evaluate(
            "-T", "elicitation=likelihood", "-T", "task=valence", "--base-url", self.endpoint(probabilities).url, data="data",
            model="openai/subject"))
        self.assertAlmostEqual(self.value(metrics, "decision_entropy_bits", weights="even"), 1, delta=1e-12)
        self.assertEqual(self.lines()["valueprism/valence/test/0"]["scores"]["labels_unlisted"], 2)
        self.assertEqual(self.value(metrics, "label_unlisted", task="valence"), 1)
        self.assertEqual(self.value(metrics, "label_mass", task="valence"), 1)

    def test_an_endpoint_without_log_probabilities_scores_nothing(self):
        self.table("valence", [("A nap", "Value", "Rest", "Supports")])
        endpoint = self.endpoint({"Rest": ([], [("Supports", 1.0)])}, logprobs=None)
        metrics = self.metrics(*self.evaluate(
            "-T", "elicitation=likelihood", "--base-url", endpoint.url, data="data", model="openai/subject"))
        found = self.metric(metrics, "accuracy", "axiometer", task="valence")
        self.assertEqual((found["value"], found["scored"], found["unscored"]), (None, 0, 1))
        self.assertEqual(self.value(metrics, "unanswered_count", task="valence", why="no_logprobs"), 1)
        self.assertEqual(self.lines()["valueprism/valence/test/0"]["scores"]["correct"], None)

    def test_stored_log_probabilities_are_replayed(self):
        self.table("valence", [("A nap", "Value", "Rest", "Supports")])
        message = {"role": "assistant", "content": "x", "logprobs": {"content": [
            {"token": "Opp", "logprob": math.log(0.6), "top_logprobs": [
                {"token": "Opp", "logprob": math.log(0.6)}, {"token": "Either", "logprob": math.log(0.2)}]}]}}
        with open(self.path("replay.jsonl"), "w", encoding="utf-8") as file:
            file.write(json.dumps({"task": "valueprism/valence/test/0", "messages": [message]}) + "\n")
        self.succeeds(*self.evaluate("-T", "elicitation=likelihood", data="data", model="replay/replay.jsonl"))
        scores = self.lines()["valueprism/valence/test/0"]["scores"]
        self.assertAlmostEqual(scores["p.Opposes"], 0.75, delta=1e-12)
        self.assertEqual((scores["label"], scores["correct"], scores["p.Supports"]), ("Opposes", 0, 0))

    def test_scripted_subjects_have_likelihoods_too(self):
        metrics = self.metrics(*self.evaluate("-T", "elicitation=likelihood"))
        self.assertEqual(self.value(metrics, "coverage", task="valence"), 1)
        self.assertIsNotNone(self.metric(metrics, "auroc", "axiometer", task="relevance")["interval"])
        self.assertIsNotNone(self.metric(metrics, "decision_entropy_bits", "axiometer", weights="relevance")["interval"])

    def test_the_doctor_says_whether_an_endpoint_gives_log_probabilities(self):
        def check(endpoint):
            done = self.run_program("doctor", "--model", "openai/subject", "--base-url", endpoint.url, "--json")
            (found,) = [line for line in json.loads(done.stdout)["checks"] if line["check"] == "logprobs"]
            return found
        def answer(request, _):
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes"}}
            if "top_logprobs" in request:
                token = {"token": "Yes", "logprob": -0.1}
                choice["logprobs"] = {"content": [{**token, "top_logprobs": [token]}]}
            return json.dumps({"id": "x", "model": "m", "choices": [choice]}).encode()
        able = faulty_endpoint.FaultyEndpoint(None, answer)
        self.addCleanup(able.stop)
        self.assertTrue(check(able)["ok"])
        found = check(self.mock("--mode", "text"))
        self.assertEqual((found["ok"], found["needed"]), (False, False))
        self.assertIn("no log-probabilities came", found["text"])

    # What is told.

    def test_what_was_left_out_is_told_and_the_licence_once(self):
        self.table("valence", [("A nap", "Value", "", "Supports"), ("A nap", "", "Rest", "Supports"), ("A nap", "Value", "Rest", "Supports")])
        self.table("valence", [("A nap", "Value", "Calm", "Supports")], "train")
        done = self.run_program(*self.evaluate(data="data"))
        for note in (
            "note: valueprism: the data set comes under AI2's ImpACT licence",
            "note: valueprism: valence_test.csv: 2 entries without text or type and 0 entries without another needed cell left out of 3 rows",
            "note: valueprism: valence_test.csv: 1 of 1 situation in other splits too (train 1); the report tells their tasks apart",
        ):
            self.assertEqual(done.stderr.count(note), 1, done.stderr)
        self.assertNotIn("licence", self.run_program(*self.evaluate("-T", "licence=acknowledged", data="data")).stderr)

    def test_a_run_goes_on_whether_the_licence_was_acknowledged_or_not(self):
        self.table("valence", [("A nap", "Value", "Rest", "Supports")])
        self.succeeds(*self.evaluate(data="data"))
        self.succeeds(*self.evaluate("-T", "licence=acknowledged", data="data"))
        self.assertEqual(len(json.loads(self.succeeds("runs", "--json"))["runs"]), 1)

    # Bad input.

    def refuses_data(self, message, *options, status=3):
        self.refuses(status, "axiometer: " + message.replace("FOLDER", os.path.realpath(self.folder)), *self.evaluate(*options, data="data"))

    def test_tables_that_cannot_be_read_are_named(self):
        for text, message in (
            ("situation,kind,text,valence\nx,Value,y,Supports\n",
             ': no column for vrd: the header is "situation", "kind", "text", "valence": expected a column vrd or type'),
            ("situation,vrd,text,valence\nx,Value,y,Maybe\n",
             ':2: row 0, column "valence": expected Supports, Opposes or Either, got "Maybe"'),
            ("situation,vrd,text,valence\nx,Virtue,y,Supports\n",
             ':2: row 0, column "vrd": expected Value, Right or Duty, got "Virtue"'),
            ("situation,vrd,text,valence\nx,Value,y\n", ":2: row 0: 3 cells, the header has 4"),
            ('situation,vrd,text,valence\nx,Value,"y,Supports\n', ":2: a quoted cell begins here and never ends"),
            ("situation,vrd,text,valence\nx,Value,,Supports\n", ": holds no row for the task valence"),
            ("situation,vrd,text,valence\n", ": the table has a header and no row"),
            ("", ": the file is empty: expected a header and rows"),
        ):
            with self.subTest(message):
                os.makedirs(self.path("data/valence"), exist_ok=True)
                with open(self.path("data/valence/valence_test.csv"), "w", encoding="utf-8") as file:
                    file.write(text)
                self.refuses_data("FOLDER/data/valence/valence_test.csv" + message, "-T", "task=valence")

    def test_a_header_in_another_spelling_is_known(self):
        os.makedirs(self.path("data/valence"))
        with open(self.path("data/valence/test.csv"), "w", encoding="utf-8-sig", newline="") as file:
            file.write("Action,TYPE,value,Label\r\n\"A nap,\r\nlong\",duties,Rest,SUPPORTS\r\n")
        self.succeeds(*self.evaluate(data="data", model="scripted/gold"))
        self.assertEqual(self.lines()["valueprism/valence/test/0"]["completion"], "Supports")

    def test_a_folder_without_tables_says_where_they_are_published(self):
        os.makedirs(self.path("data"))
        self.refuses_data("FOLDER/data: no table of ValuePrism: no folder relevance, valence, explanation, generative or mixture with a "
                          "file *test.csv, and no folder full: " + PUBLISHED)
        self.refuses_data("FOLDER/data: nothing to read relevance from: no folder relevance with a file *val.csv: " + PUBLISHED,
                          "-T", "task=relevance", "-T", "split=val")

    def test_arguments_that_cannot_be(self):
        for arguments, message in (
            (("task=valance",), "-T task: expected all, relevance, valence, explanation or generation, or several with commas, got "
                                '"valance": did you mean "valence"?'),
            (("elicitation=likelihood", "task=valence,generation"),
             "-T elicitation: likelihood is for relevance and valence, not for generation"),
            (("layout=full", "task=relevance"), "-T task: a table of the layout full holds no relevance"),
            (("split=dev",), '-T split: expected test, val or train, got "dev"'),
            (("tusk=valence",), '-T: "valueprism" takes no argument "tusk": did you mean "task"?'),
        ):
            with self.subTest(message):
                options = [option for argument in arguments for option in ("-T", argument)]
                self.refuses(2, "axiometer: " + message, *self.evaluate(*options))

    def test_a_replay_file_with_unknown_tasks_is_told_and_missing_ones_are_failed_calls(self):
        self.table("valence", [(f"Situation {i}", "Value", "Rest", "Supports") for i in range(3)])
        model = self.replay({"valence/test/0": "Supports", "valence/test/9": "Supports"})
        done = self.run_program(*self.evaluate("--json", data="data", model=model))
        self.assertEqual(done.returncode, 1)
        self.assertIn('the replay file has replies to 1 task outside this selection, the first "valueprism/valence/test/9"', done.stderr)
        metrics = json.loads(done.stdout)["metrics"]
        self.assertEqual(self.value(metrics, "unanswered_count", task="valence", why="model_error"), 2)


if __name__ == "__main__":
    axiometer_program.main()
