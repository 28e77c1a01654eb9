#!/usr/bin/env python3
"""Invented rows in the shape in which ValuePrism is released, in each of its layouts.

invented_valueprism.py FOLDER    writes the sample that comes with the program (tasks/samples/valueprism)

Situations, values, rights, duties and explanations are made up.
"""

import csv
import json
import os
import sys

HEADERS = {
    "full": ("situation", "vrd", "text", "explanation", "valence"),
    "generative": ("situation", "vrd", "text"),
    "relevance": ("situation", "vrd", "text", "relevance"),
    "valence": ("situation", "vrd", "text", "valence"),
    "explanation": ("situation", "vrd", "text", "explanation"),
    "mixture": ("input", "output"),
}
SPLITS = ("train", "val", "test")

# Situation, split, then its values, rights and duties: type, text, valence, explanation.
SITUATIONS = (
    ("Lending the village ladder to a stranger", "test", (
        ("Value", "Generosity", "Supports", "A ladder shared is help given without being asked twice."),
        ("Duty", "Duty to look after common tools", "Opposes", "Who keeps the ladder answers for it, and a stranger may not bring it back."),
        ("Right", "Right to know the borrower", "Either", "Neighbours may ask who climbs on their ladder, but need not be told."),
        ("Value", "Trust", "Supports", "Lending before the name is known shows faith in people."))),
    ("Ringing the bell before sunrise", "test", (
        ("Right", "Right to sleep", "Opposes", "Those who baked all night are woken before they are rested."),
        ("Duty", "Duty to keep custom", "Supports", "The bell has called the fields to work since anyone remembers."),
        ("Value", "Punctuality", "Supports", "The boats leave on time when everyone hears the hour."),
        ("Value", "Quiet", "Opposes", "The valley is at its best before the first noise."))),
    ("Painting the bridge a different colour", "test", (
        ("Value", "Beauty", "Either", "Some find the new blue lovely and some find it loud."),
        ("Right", "Right to be asked", "Opposes", "The bridge is everyone's, and nobody called a meeting."),
        ("Duty", "Duty to preserve old work", "Opposes", "The first painters chose that red with care."),
        ("Value", "Creativity", "Supports", "A new colour is a new idea that all can see."))),
    ("Telling a friend that her soup is too salty", "test", (
        ("Value", "Honesty", "Supports", "A friend who says so can be believed when praising."),
        ("Value", "Kindness", "Either", "It can spare her an embarrassment later, or hurt her now."),
        ("Duty", "Duty to respect a host", "Opposes", "A guest eats what is served without complaint."),
        ("Right", "Right to speak freely", "Supports", "Anyone may say what a soup tastes like."))),
    ("Keeping the ferry waiting for one late child", "test", (
        ("Value", "Compassion", "Supports", "The child would stand alone on the shore until evening."),
        ("Duty", "Duty to be fair to all passengers", "Opposes", "Forty people came on time and lose theirs."),
        ("Value", "Punctuality", "Opposes", "A ferry that waits is a ferry that nobody can plan by."),
        ("Right", "Right of children to safety", "Supports", "A child must not be left behind by the water."))),
    ("Planting apple trees on the common meadow", "test", (
        ("Value", "Sustainability", "Supports", "Trees planted now feed those who are not yet born."),
        ("Right", "Right to graze", "Opposes", "The goats of six families live on that grass."),
        ("Duty", "Duty to future generations", "Supports", "Someone planted the pears that we eat."),
        ("Value", "Community", "Either", "Picking together joins people; dividing the crop parts them."))),
    ("Reading a letter that was put in the wrong box", "test", (
        ("Right", "Right to privacy", "Opposes", "The words were meant for one pair of eyes."),
        ("Duty", "Duty to return what is not yours", "Opposes", "A letter belongs to the name on it."),
        ("Value", "Curiosity", "Supports", "It is human to want to know what is inside."),
        ("Value", "Honesty", "Opposes", "Reading on in secret is a small lie."))),
    ("Ringing the bell for a stranger's birthday", "val", (
        ("Value", "Joy", "Supports", "A peal for someone unknown makes two people glad."),
        ("Right", "Right to sleep", "Either", "It depends on the hour at which the stranger was born."),
        ("Duty", "Duty to keep custom", "Opposes", "The bell is for feasts and fires."))),
    ("Borrowing a boat without asking", "val", (
        ("Right", "Right to property", "Opposes", "The boat is tied to its owner's post for a reason."),
        ("Duty", "Duty to help those in need", "Either", "It is one thing for a rescue, another for a picnic."),
        ("Value", "Adventure", "Supports", "The island has never seemed so near."))),
    ("Painting the bridge a different colour", "train", (
        ("Value", "Tradition", "Opposes", "Red was good enough for five generations."),
        ("Value", "Joy", "Supports", "Blue makes the walk to school brighter."))),
    ("Feeding the fox behind the bakery", "train", (
        ("Value", "Compassion", "Supports", "The fox is thin and the bread is stale."),
        ("Duty", "Duty to protect the hens", "Opposes", "A fox that is fed stays near the coops."),
        ("Right", "Right of animals to be wild", "Opposes", "A fed fox forgets how to hunt."),
        ("Value", "Curiosity", "Supports", "One can learn much from a fox at close range."))),
    ("Singing during the council meeting", "train", (
        ("Value", "Joy", "Supports", "Even a budget sounds better in two voices."),
        ("Duty", "Duty to listen", "Opposes", "Whoever sings hears nobody."),
        ("Right", "Right to speak freely", "Either", "It is a kind of speech, but it drowns the others."))),
)


def rows(split=None):
    """All that is known of each value, right or duty, row by row."""
    made = []
    for situation, of, vrds in SITUATIONS:
        for vrd, text, valence, explanation in vrds:
            row = {"situation": situation, "vrd": vrd, "text": text, "explanation": explanation, "valence": valence}
            if split in (None, of):
                made.append(row)
    return made


def relevance_rows(split):
    """Every row, and one or two of another situation's as irrelevant ones."""
    made = []
    own = rows(split)
    situations = list(dict.fromkeys(row["situation"] for row in own))
    everything = rows()
    for place, situation in enumerate(situations):
        mine = [row for row in own if row["situation"] == situation]
        made += [{**row, "relevance": "Yes"} for row in mine]
        known = {(row["vrd"], row["text"]) for row in everything if row["situation"] == situation}
        others = [row for row in everything if (row["vrd"], row["text"]) not in known]
        for step in (5, 17, 29):
            other = others[(place * 7 + step) % len(others)]
            made.append({**other, "situation": situation, "relevance": "No"})
    return [{key: row[key] for key in HEADERS["relevance"]} for row in made]


def mixture_rows(split):
    made = []
    for row in rows(split):
        about = f"Action: {row['situation']}\t{row['vrd']}: {row['text']}"
        made.append({"input": f"[Generate]:\tAction: {row['situation']}", "output": f"{row['vrd']}: {row['text']}"})
        made.append({"input": f"[Valence]:\t{about}", "output": row["valence"]})
        made.append({"input": f"[Explanation]:\t{about}", "output": row["explanation"]})
    for row in relevance_rows(split):
        about = f"Action: {row['situation']}\t{row['vrd']}: {row['text']}"
        made.append({"input": f"[Relevance]:\t{about}", "output": row["relevance"]})
    return made


def table(layout, split):
    if layout == "relevance":
        return relevance_rows(split)
    if layout == "mixture":
        return mixture_rows(split)
    return [{key: row[key] for key in HEADERS[layout]} for row in rows(None if layout == "full" else split)]


def vital_records():
    """One record a situation, as in the public subset."""
    made = []
    for number, (situation, _, vrds) in enumerate(SITUATIONS):
        made.append({
            "id": number,
            "situation": situation,
            "vrd": [text for _, text, _, _ in vrds],
            "explanation": [explanation for _, _, _, explanation in vrds],
            "input": f"Which values, rights and duties bear on this? {situation}",
            "output": "",
        })
    return made


def write_table(path, made, header=None):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or list(made[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)


def write_release(folder, layouts=tuple(HEADERS)):
    for layout in layouts:
        if layout == "full":
            write_table(os.path.join(folder, "full", "full.csv"), table("full", None))
            continue
        for split in SPLITS:
            write_table(os.path.join(folder, layout, f"{layout}_{split}.csv"), table(layout, split))


def write_vital(path):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(vital_records(), file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    write_release(sys.argv[1])
    write_vital(os.path.join(sys.argv[1], "vital", "vital.json"))
