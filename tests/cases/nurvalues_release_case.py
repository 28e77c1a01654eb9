#!/usr/bin/env python3
"""NurValues against the benchmark's own programs, where AXIOMETER_NURVALUES_DATA names a checkout.

nurvalues_release_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

The checkout's eight experiments run in this process, which only a machine for tests should do; their model and
tokenizer are replaced by ones that have the replies. That takes pandas and scikit-learn, of the Python that runs
this or of the one that AXIOMETER_SKLEARN_PYTHON names. The rows are invented ones.
"""

import contextlib
import io
import json
import os
import random
import sqlite3
import sys
import types
import unittest
import warnings

import axiometer_program
import invented_nurvalues

DATA = os.environ.get("AXIOMETER_NURVALUES_DATA", "")
FAMILIES = {"en": "llama_31_test_", "cn": "qwen_25_test_"}
# What the tokenizers of the two families give back: a system message, the prompt, the reply.
DECODED = {
    "en": lambda prompt, reply: "system\n\nCutting Knowledge Date: December 2023\n\nuser\n\n" + prompt.strip() + "assistant\n\n" + reply,
    "cn": lambda prompt, reply: "system\nYou are a helpful assistant.\nuser\n" + prompt + "\nassistant\n" + reply,
}
VALUE_SCORES = ("accuracy", "precision", "recall", "f1", "micro_f1", "macro_f1", "weighted_f1", "auroc")

other = os.environ.pop("AXIOMETER_SKLEARN_PYTHON", "")
try:
    import pandas
    import scipy.stats  # before there is a module "torch"
    import sklearn.metrics
except ImportError:
    pandas = None
if pandas is None and other and DATA:
    os.execv(other, [other, *sys.argv])


class Inputs(dict):
    def to(self, _):
        return self


def modules(replies, language):
    """Stand-ins for what the experiments import: a model that has the replies, one after the other."""
    left = iter(replies)

    class Tokenizer:
        pad_token_id = eos_token_id = 0

        @classmethod
        def from_pretrained(cls, *_, **__):
            return cls()

        def apply_chat_template(self, messages, **_):
            return messages[0]["content"]

        def __call__(self, text, **_):
            return Inputs(text=text)

        def decode(self, tokens, **_):
            return tokens

    class Model:
        device = "cpu"
        generation_config = types.SimpleNamespace()

        @classmethod
        def from_pretrained(cls, *_, **__):
            return cls()

        def generate(self, text, **_):
            return [DECODED[language](text, next(left))]

    made = {name: types.ModuleType(name) for name in ("openai", "torch", "transformers", "tqdm")}
    made["torch"].bfloat16, made["torch"].Tensor = None, type("Tensor", (), {})
    made["transformers"].AutoModelForCausalLM, made["transformers"].AutoTokenizer = Model, Tokenizer
    made["tqdm"].tqdm = lambda rows, **_: rows
    return made


def run_experiment(folder, language, mode, level, replies, examples):
    """Index to prediction, and the scores, as the checkout's own program gives them. `examples`: of each row, in
    order, for k-shot, whose program draws them without a seed and stops at two slips that are mended here."""
    with open(os.path.join(DATA, "exp_code", FAMILIES[language] + mode + ".py"), encoding="utf-8") as file:
        source = file.read()
    chosen = iter([half for row in examples for half in (row[: len(row) // 2], row[len(row) // 2:])])
    names = {"__name__": "__main__", "random": types.SimpleNamespace(sample=lambda _, __: next(chosen))}
    if mode == "kshot":
        source = source.replace("args.K", "args.k").replace("k/2", "k//2").replace("import random\n", "")
    results = os.path.join(folder, "test_result")
    os.makedirs(results, exist_ok=True)
    for name in os.listdir(results):
        os.remove(os.path.join(results, name))
    before, where, arguments = dict(sys.modules), os.getcwd(), sys.argv
    sys.modules.update(modules(replies, language))
    sys.argv = [mode, "--chunks", "1", "--level", level, "--model_size", "8B"] + (["--k", "4"] if mode == "kshot" else [])
    os.chdir(folder)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, mode, "exec"), names)  # pylint: disable=exec-used
    finally:
        os.chdir(where)
        sys.argv = arguments
        for name in modules((), language):
            sys.modules.pop(name, None)
            if name in before:
                sys.modules[name] = before[name]
    predictions, scores = {}, {}
    for name in os.listdir(results):
        path = os.path.join(results, name)
        if name.endswith(".csv"):
            frame = pandas.read_csv(path)
            predictions = dict(zip(frame["index"], frame["Pred"]))
        else:
            with open(path, encoding="utf-8") as file:
                scores = {key.lower().replace("-", "_"): value for key, value in json.load(file).items()}
    scores["auroc"] = float(printed.getvalue().split("ROC AUC:")[1].split()[0])
    return predictions, scores


def assembled(draw, language):
    """A reply put together from what a parser trips over."""
    negative, positive = invented_nurvalues.LABELS[language]
    parts = [negative, positive, negative.lower(), positive.upper(), negative[:9], positive[5:], " ", "\n", "。", "的", "_", "1", "é",
             "\u0301", "İ", "ı", "ſ", "，", "[", "]", "assistant\n", "x"]
    return "".join(draw.choice(parts) for _ in range(draw.randint(0, 9)))


@unittest.skipUnless(DATA, "AXIOMETER_NURVALUES_DATA names no checkout")
@unittest.skipUnless(pandas, "needs pandas and scikit-learn: name a Python that has them in AXIOMETER_SKLEARN_PYTHON")
class NurvaluesRelease(axiometer_program.ProgramCase):
    def table(self, language, draw):
        """A row of either label for each reply; some texts hold a line that ends in what the programs cut at."""
        replies = invented_nurvalues.odd_replies(language) + [assembled(draw, language) for _ in range(400)]
        rows, table, said = invented_nurvalues.rows(), [], []
        for reply in replies:
            for aligned in (1, 0):
                row = dict(draw.choice([row for row in rows if row["Alignment"] == aligned]), index=len(table))
                for column in invented_nurvalues.COLUMNS[1:5]:
                    if len(table) % 11 == 0:
                        row[column] = row[column][:20] + " the Assistant\n" + row[column][20:]
                    if len(table) % 13 == 0:
                        row[column] += "\nassistant\n"
                table.append(row)
                said.append(reply)
        os.makedirs(os.path.join(self.folder, "dataset"), exist_ok=True)
        invented_nurvalues.write(os.path.join(self.folder, "dataset", invented_nurvalues.FILE), table, line_end="\n", mark=False)
        return table, said

    def run_ours(self, language, mode, level, table, said):
        with open(os.path.join(self.folder, "replay.jsonl"), "w", encoding="utf-8") as file:
            for row, reply in zip(table, said):
                line = {"task": f"nurvalues/{level}/{language}/{row['index']}", "epoch": 1, "completion": reply}
                file.write(json.dumps(line) + "\n")
        database = self.variables["AXIOMETER_DB"] = f"{language}-{mode}-{level}.db"
        arguments = [word for pair in (("mode", mode), ("level", level), ("language", language)) for word in ("-T", "=".join(pair))]
        shown = self.succeeds("eval", "nurvalues", "--data", "dataset", "--model", "replay/replay.jsonl", "--display", "none",
                              "--json", *arguments)
        self.succeeds("export", "latest", "--format", "jsonl", "-o", "out.jsonl")
        with open(os.path.join(self.folder, "out.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        os.remove(os.path.join(self.folder, "out.jsonl"))
        scores = {int(line["task"].split("/")[-1]): line["scores"] for line in lines}
        records = sqlite3.connect(os.path.join(self.folder, database)).execute("SELECT record FROM tasks").fetchall()
        facts = {record["tags"]["item"]: record["facts"] for record in (json.loads(text) for (text,) in records)}
        examples = [facts[str(row["index"])].get("examples", []) for row in table]
        return json.loads(shown)["metrics"], scores, examples

    def test_predictions_and_scores_are_theirs(self):
        draw = random.Random(5)
        for language in ("en", "cn"):
            table, said = self.table(language, draw)
            self.assertGreater(len(set(said)), 200)
            for mode in ("io", "cot", "sc", "kshot"):
                for level in ("easy", "hard"):
                    with self.subTest(language=language, mode=mode, level=level):
                        metrics, ours, examples = self.run_ours(language, mode, level, table, said)
                        theirs, scores = run_experiment(self.folder, language, mode, level, said, examples)
                        self.assertEqual(len(theirs), len(table))
                        differing = [reply for row, reply in zip(table, said)
                                     if ours[row["index"]]["official.prediction"] != theirs[row["index"]]]
                        self.assertEqual(differing, [])
                        self.compare(metrics, {}, scores)
                        for value in {row["Nursing_Value"] for row in table}:
                            pairs = [(row["Alignment"], theirs[row["index"]]) for row in table if row["Nursing_Value"] == value]
                            self.compare(metrics, {"value": value}, by_scikit_learn(*zip(*pairs)))

    def compare(self, metrics, group, scores):
        for name in VALUE_SCORES:
            (found,) = [metric["value"] for metric in metrics
                        if metric["protocol"] == "official" and metric["metric"] == name and metric["group"] == group]
            self.assertAlmostEqual(found, scores[name], delta=1e-9, msg=name)


def by_scikit_learn(gold, given):
    """What the programs would print of these rows alone."""
    f1 = {f"{average}_f1": sklearn.metrics.f1_score(gold, given, average=average) for average in ("micro", "macro", "weighted")}
    return {"accuracy": sklearn.metrics.accuracy_score(gold, given), "precision": sklearn.metrics.precision_score(gold, given),
            "recall": sklearn.metrics.recall_score(gold, given), "f1": sklearn.metrics.f1_score(gold, given),
            "auroc": sklearn.metrics.roc_auc_score(gold, given), **f1}


if __name__ == "__main__":
    axiometer_program.main()
