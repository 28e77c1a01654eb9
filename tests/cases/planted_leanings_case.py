#!/usr/bin/env python3
"""Two subjects that each favour one value: `compare` finds both, and nothing between them on the other values.

planted_leanings_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

The endpoint says in its text which value it puts first, its judge rates that one four times of five in full, and all else is
drawn anew for each subject. On made-up cases, and on the 441 of HEXACO where AXIOMETER_AVB_DATA names a checkout.
"""

import json
import os
import unittest

import axiometer_program
import invented_valuebench

DATA = os.environ.get("AXIOMETER_AVB_DATA", "")
WINDS = ["Bora", "Chinook", "Etesian", "Foehn", "Harmattan", "Khamsin", "Levanter", "Mistral", "Ostro", "Pampero", "Simoom", "Sirocco",
         "Tramontana", "Zephyr"]  # fmt: skip


class PlantedLeanings(axiometer_program.ProgramCase):
    def compare(self, data, system, favoured, *options):
        """The comparison of two runs, the second less the first, by value."""
        judge = self.mock("--mode", "judge", "--seed", "5")
        runs = []
        for value in favoured:
            subject = self.mock("--calls", "2", "--seed", "5", "--favours", value)
            done = self.succeeds(
                "eval", "agent-valuebench", "--data", data, "--filter", f"value_system={system}", "--model",
                f"openai/{value.lower()}", "--base-url", subject.url, "--judge", "openai/judge", "--judge-base-url", judge.url,
                "--display", "none", "--json", *options,
            )  # fmt: skip
            runs.append(json.loads(done)["runs"][0])
            self.assertEqual(runs[-1]["outcomes"], {"finished": runs[-1]["wanted"]})
        report = json.loads(self.succeeds("compare", *(run["id"] for run in runs), "--json"))
        self.assertTrue(report["comparability"]["comparable"])
        found = {}
        for metric in report["metrics"]:
            if metric["metric"].startswith("difference") and metric["group"].get("samples", "finished") == "finished":
                found.setdefault(metric["group"].get("dimension"), {})[metric["metric"]] = metric
        return report, found

    def check(self, data, system, values, cases, *options):
        first, second = values[1], values[-2]
        report, found = self.compare(data, system, (first, second), *options)
        self.assertEqual(report["comparability"]["common_tasks"], cases)
        self.assertEqual(found.keys(), set(values))
        by_chance = {value: one["difference"]["value"] for value, one in found.items() if value not in (first, second)}
        # Planted: full points in four of five cases against a draw of nothing, half or all.
        for value, sign in ((first, -1), (second, 1)):
            planted = found[value]["difference"]
            low, high = sorted((sign * planted["interval"]["low"], sign * planted["interval"]["high"]))
            self.assertTrue(0 < low < 0.4 < high, planted)
            self.assertLess(found[value]["difference_p_adjusted"]["value"], 0.05)
        # Nothing planted: not equal, since all was drawn anew, and not said to differ.
        self.assertGreater(sum(abs(one) > 0.01 for one in by_chance.values()), len(by_chance) / 2)
        self.assertEqual([value for value in by_chance if found[value]["difference_p_adjusted"]["value"] < 0.05], [])
        text = " ".join(self.succeeds("compare", *(run["id"] for run in report["runs"])).split())
        self.assertIn(f"B scores higher than A on {second} (+", text)
        self.assertIn(f"B scores lower than A on {first} (-", text)
        self.assertIn(f"On {len(values) - 2} dimensions these data decide nothing", text)

    def test_made_up_cases(self):
        # As many environments as there are values: two clusters would support no interval.
        environments = dict(invented_valuebench.ENVIRONMENTS)
        code, *rest = environments.pop("Pantry")
        for value in WINDS:
            environments[f"Pantry{value}"] = (code.replace("class Pantry(", f"class Pantry{value}("), *rest)
        invented_valuebench.write(self.path("data"), {"winds": {"name": "WINDS", "values": WINDS}}, environments)
        self.check("data", "winds", WINDS, 91, "--allow-modified-data")

    @unittest.skipUnless(DATA, "AXIOMETER_AVB_DATA names no checkout")
    def test_released_cases(self):
        values = set()
        cases = 0
        for name in os.listdir(f"{DATA}/case"):
            with open(f"{DATA}/case/{name}", encoding="utf-8") as file:
                case = json.load(file)
            if case["value_system"] == "hexaco":
                values.update(case["value_items"])
                cases += 1
        self.assertGreaterEqual(cases, 300)
        self.check(DATA, "hexaco", sorted(values), cases)


if __name__ == "__main__":
    axiometer_program.main()
