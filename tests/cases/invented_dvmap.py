#!/usr/bin/env python3
"""Invented rows in the shape in which DVMap is released, in each of its containers.

invented_dvmap.py FOLDER    writes the sample that comes with the program (tasks/samples/dvmap)

Countries, people, questions and prompts are made up. Parquet and Arrow files need pyarrow.
"""

import collections
import json
import os
import random
import sys

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

COUNTRIES = ("Norland", "Sudmark")
QUESTIONS = (  # Q_id, section, question, options
    ("Q1", "LEISURE", "How important is a garden in your life?",
     ("Very important", "Rather important", "Not very important", "Not at all important")),
    ("Q7", "NEIGHBOURS", "A borrowed ladder should come back the same day. Do you agree?",
     ("Agree strongly", "Agree", "Neither agree nor disagree", "Disagree", "Disagree strongly")),
    ("Q12", "NEIGHBOURS", "How much do you trust the village baker?",
     ("Trust completely", "Trust somewhat", "Do not trust very much", "Do not trust at all")),
    ("Q30", "LEISURE", "How much say should children have in the choice of a holiday?", ("Low", "Medium", "High")),
)
ATTRIBUTES = {  # besides Country
    "Gender": ("Female", "Male", "Not Answered"),
    "Marital Status": ("Married", "Single", "Widowed", "Not Answered"),
    "Has Children": ("has at least one child", "has no children"),
    "Education Level": ("School to the age of 12", "School to the age of 18", "University"),
    "Occupation": ("Baker", "Ferryman", "Other (write in):"),
    "Work Nature": ("Workshop of one's own", "Village council", "Not Answered"),
    "Religion": ("Old Order; Hill Rite;", "None; nfd", "Not Answered"),
    "Life Stage": ("Young Adulthood", "Middle Adulthood", "Late Adulthood"),
    "Income Bracket": ("Low income", "Middle income", "High income"),
    "Common Language": ("Norse", "Sudish"),
}
TEXTS = ("Q_id", "Country", *ATTRIBUTES, "Category", "Question", "prompt", "Options", "answer")
COLUMNS = ("Q_id", "Country", *ATTRIBUTES, "frequency", "Category", "Question", "prompt", "Options", "answer")
PROMPT = """
                Speak as a {Gender} of {Country} in {Life Stage}, {Marital Status}, who {Has Children}. Schooling: '{Education Level}'.
            Work: '{Occupation}', in '{Work Nature}'. Faith: '{Religion}'. Means: '{Income Bracket}'. Tongue: '{Common Language}'.
            Weigh each option in a sentence, then write the one that this person would choose, and nothing else, between <answer> and </answer>.

            **Question**: {Question}
            **Options**: {Options}
            """


def rows(personas=6, seed=1):
    """Row by row, persona by persona; a few people left a question out."""
    draw = random.Random(seed)
    made = []
    for country in COUNTRIES:
        for _ in range(personas):
            persona = {"Country": country, **{name: draw.choice(texts) for name, texts in ATTRIBUTES.items()}}
            for q_id, section, question, options in QUESTIONS:
                if draw.random() < 0.1:
                    continue
                row = {"Q_id": q_id, **persona, "Category": section, "Question": question}
                row["Options"] = ", ".join(options)
                place = draw.gauss(COUNTRIES.index(country) + 0.5, 1.2)
                row["answer"] = options[min(max(int(place), 0), len(options) - 1)]
                row["prompt"] = PROMPT.format(**row)
                made.append(row)
    cells = collections.Counter((row["Country"], row["Q_id"]) for row in made)
    answers = collections.Counter((row["Country"], row["Q_id"], row["answer"]) for row in made)
    for row in made:
        cell = row["Country"], row["Q_id"]
        row["frequency"] = answers[(*cell, row["answer"])] / cells[cell]
    return [{name: row[name] for name in COLUMNS} for row in made]


def odd_replies(gold, options):
    """Completions of every kind that the protocol's rules treat in a way of their own; None: a failed call."""
    other = next(option for option in options if option != gold)
    inside = ["{}", " {}\n", "{}.", "{}!", "**{}**", '"{}"', "1. {}", "- {}", "I choose {}.", "{}\n{}", "\u00a0{}\u3000", "{}ly", "{} "]
    answers = [form.replace("{}", answer) for form in inside for answer in (gold, other)]
    answers += [gold.lower(), gold.upper(), gold.replace(" ", "\n"), gold.replace(" ", "  "), gold[:-1], gold + "\u200b", ""]
    answers += [" ", "...", "None", ", ".join(options), f"{gold} or {other}", f"{gold}, not {other.lower()}", f"not {gold}"]
    answers += [f"{gold} strongly", f"Not {gold}", "é" + gold, "\u001c" + gold, gold + "\u0085"]
    around = ["<answer>{}</answer>", "<reasoning>{}</reasoning>\n<answer>{}</answer>", "<answer>x</answer><answer>{}</answer>"]
    replies = [form.replace("{}", answer) for form in around[:2] for answer in answers]
    replies += [around[2].replace("{}", gold), around[2].replace("{}", other)]
    replies += [f"<answer>{gold}", f"<answer>{gold}</answer><answer>", f"<answer>{gold}</answer><answer>{other}", gold, ""]
    replies += [f"<answer><answer>{gold}</answer></answer>", f"<answer>{other}<answer>{gold}</answer>", f"</answer>{gold}<answer>"]
    replies += [f"<ANSWER>{gold}</ANSWER>", f"<answer >{gold}</answer>", f"<answer>{gold}</ANSWER>", f'<answer id="1">{gold}</answer>']
    replies += [f"<answer>{gold}</answer></answer>", f"&lt;answer&gt;{gold}&lt;/answer&gt;", f"<answer>{gold}</answer>" + "x" * 400]
    replies += [f"<think><answer>{other}</answer></think><answer>{gold}</answer>", f"```\n<answer>{gold}</answer>\n```", None]
    return replies


def write_json_lines(path, made):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for row in made:
            file.write(json.dumps({**row, "data_source": "wvs"}) + "\n")


def table(made, text=None, more=()):
    """As Arrow holds it; `text`: the type of the text columns."""
    text = text or pyarrow.string()
    fields = [(name, pyarrow.float64() if name == "frequency" else text) for name in COLUMNS]
    fields += [(name, text) for name in more]
    schema = pyarrow.schema(fields)
    return pyarrow.Table.from_pylist([{**row, **{name: "wvs" for name in more}} for row in made], schema=schema)


def write_parquet(path, made):
    """One row group of Snappy pages; the dictionary of the prompts overflows, and plain pages follow."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pyarrow.parquet.write_table(
        table(made, more=("data_source",)),
        path,
        compression="snappy",
        use_dictionary=True,
        dictionary_pagesize_limit=4096,
        data_page_size=4096,
        write_batch_size=8,
        version="2.6",
        data_page_version="1.0",
    )


def write_arrow(path, made, batch_rows=10, container="stream", text=None, compression=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whole = table(made, text)
    options = pyarrow.ipc.IpcWriteOptions(compression=compression)
    make = pyarrow.ipc.new_stream if container == "stream" else pyarrow.ipc.new_file
    with make(path, whole.schema, options=options) as writer:
        for batch in whole.to_batches(max_chunksize=batch_rows):
            writer.write_batch(batch)


def write_saved(folder, shards):
    """A folder as `datasets` saves one: Arrow streams whatever their ending, named by state.json."""
    names = [f"data-{i:05}-of-{len(shards):05}.arrow" for i in range(len(shards))]
    for name, made in zip(names, shards):
        write_arrow(os.path.join(folder, name), made)
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "0", "_split": None}
    with open(os.path.join(folder, "state.json"), "w", encoding="utf-8") as file:
        json.dump(state, file, indent=2)


def main(folder):
    write_json_lines(os.path.join(folder, "test.jsonl"), rows())
    write_parquet(os.path.join(folder, "DVMap_Corpus", "test.parquet"), rows())


if __name__ == "__main__":
    main(sys.argv[1])
