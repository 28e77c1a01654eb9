#!/usr/bin/env python3
"""An ordered series of runs, and the Pareto front of subjects, through the real program.

series_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import json

import axiometer_program

QUIET = ("--display", "none")
CROSSROADS = ("eval", "crossroads", *QUIET, "--judge", "scripted/perfect")


class Series(axiometer_program.ProgramCase):
    def evaluate(self, model, position=None, series="doses", command=CROSSROADS, options=()):
        """The run's id."""
        place = () if position is None else ("--series", series, "--position", str(position))
        self.succeeds(*command, "--model", model, *place, *options)
        return self.runs()[-1]["run"]

    def runs(self):
        return sorted(json.loads(self.succeeds("runs", "--json"))["runs"], key=lambda run: run["run"])

    def found(self, metrics, name, **group):
        """Values by system and dimension of the metrics that are of this group."""
        return {
            (metric["group"].get("value_system"), metric["group"].get("dimension")): metric
            for metric in metrics
            if metric["metric"] == name and group.items() <= metric["group"].items()
        }

    def means(self, run):
        return {key: metric["value"] for key, metric in self.found(self.metrics("report", run), "mean_score").items()}

    def planted(self):
        """The subject leans to b, then to a and stays there. Positions are not given in their order."""
        return {position: self.evaluate(model, position)
                for position, model in ((10, "scripted/a"), (-5, "scripted/b"), (20, "scripted/a"))}

    def test_a_position_is_part_of_what_makes_a_run(self):
        first = self.evaluate("scripted/a", 1)
        self.assertEqual(self.evaluate("scripted/a", 1), first)
        second = self.evaluate("scripted/a", 2)
        self.assertNotEqual(first, second)
        self.evaluate("scripted/a")
        stored = self.runs()
        self.assertEqual([(run.get("series"), run.get("position")) for run in stored],
                         [("doses", 1), ("doses", 2), (None, None)])
        self.assertIn("position 2 of series doses", self.succeeds("runs"))
        (told,) = json.loads(self.succeeds("report", second, "--json"))["runs"]
        self.assertEqual((told["series"], told["position"]), ("doses", 2))
        self.assertEqual(told["config"]["series"], {"name": "doses", "position": 2})

    def test_changes_are_those_of_the_means(self):
        runs = self.planted()
        metrics = self.metrics("report", "--series", "doses")
        means = {position: self.means(run) for position, run in runs.items()}
        changes = self.found(metrics, "series_change", position="20", against="first")
        self.assertGreater(len(changes), 10)
        for key, change in changes.items():
            self.assertAlmostEqual(change["value"], means[20][key] - means[-5][key], delta=1e-12)
            self.assertEqual(change["run"], runs[20])
            self.assertAlmostEqual(self.found(metrics, "series_mean", position="10")[key]["value"], means[10][key],
                                   delta=1e-12)
        for key, slope in self.found(metrics, "series_slope").items():
            # Positions -5, 10, 20 less their mean, over the sum of their squares.
            mean = 25 / 3
            squares = sum((x - mean) ** 2 for x in runs)
            expected = sum((x - mean) / squares * means[x][key] for x in runs)
            self.assertAlmostEqual(slope["value"], expected, delta=1e-12)
        for distance in (metric for metric in metrics if metric["metric"] == "series_distance"):
            self.assertEqual(distance["group"]["by"], "dimension")
            self.assertTrue(0 <= distance["value"] <= 1)
        # The subject of both last positions is the same.
        for change in self.found(metrics, "series_change", position="10", against="last").values():
            self.assertEqual(change["value"], 0)

    def test_the_same_section_wherever_runs_of_one_series_are_named(self):
        runs = self.planted()
        ids = list(runs.values())
        expected = self.found(self.metrics("report", "--series", "doses"), "series_change", position="20", against="first")
        for verb in ("report", "compare"):
            metrics = self.metrics(verb, *ids)
            changes = self.found(metrics, "series_change", position="20", against="first")
            self.assertEqual({key: change["value"] for key, change in changes.items()},
                             {key: change["value"] for key, change in expected.items()})
            self.assertIn("Along the series doses", self.succeeds(verb, *ids))
        other = self.evaluate("scripted/a")
        self.assertNotIn("Along the series", self.succeeds("report", ids[0], other))
        for ending, said in ((".html", "<title id=\"series-chart-0-t\">"), (".md", "## Along the series doses")):
            self.succeeds("report", "--series", "doses", "-o", "series" + ending)
            with open(self.path("series" + ending), encoding="utf-8") as file:
                self.assertIn(said, file.read())

    def test_positions_that_checkpoints_name_are_no_second_factor(self):
        first, second = self.evaluate("scripted/a", 1), self.evaluate("scripted/b", 2)
        third = self.evaluate("scripted/idle", 3)
        report = json.loads(self.succeeds("compare", first, second, third, "--json"))
        self.assertEqual([found["what"] for found in report["comparability"]["subject"]], ["model", "position"])
        self.assertEqual([metric for metric in report["metrics"] if metric["metric"] == "factor_effect"], [])
        again = self.evaluate("scripted/b", 4)
        report = json.loads(self.succeeds("compare", second, again, "--json"))
        self.assertEqual(report["comparability"]["subject"], [{"what": "position", "values": ["2", "4"], "forbids": False}])

    def test_essentially_done_within_a_margin(self):
        command = ("eval", "nurvalues", *QUIET)
        for position, model in enumerate(("scripted/random", "scripted/gold", "scripted/gold", "scripted/gold")):
            self.evaluate(model, position, series="steps", command=command)
        metrics = self.metrics("report", "--series", "steps", "--margin", "0.3")
        done = [metric for metric in metrics if metric["metric"] == "series_done_at"]
        self.assertEqual({metric["protocol"]: metric["value"] for metric in done}, {"official": 1, "strict": 1})
        text = " ".join(self.succeeds("report", "--series", "steps", "--margin", "0.3").split())
        self.assertIn("Essentially done (margin 0.300): official at position 1, strict at position 1.", text)
        metrics = self.metrics("report", "--series", "steps")
        self.assertEqual([metric for metric in metrics if metric["metric"] == "series_done_at"], [])

    def test_another_position_is_another_model_to_the_cache(self):
        mock = self.mock("--mode", "text")
        command = ("eval", "crossroads", *QUIET, "--no-judge", "--limit", "2", "--base-url", mock.url)
        self.evaluate("openai/m", 1, command=command)
        asked = len(mock.requests())
        self.assertGreater(asked, 0)
        self.evaluate("openai/m", 2, command=command)
        self.assertEqual(len(mock.requests()), 2 * asked)
        self.evaluate("openai/m", 2, command=command, options=("--fresh",))
        self.assertEqual(len(mock.requests()), 2 * asked)

    def test_places_that_cannot_be(self):
        def refuses(message, *options, prefix=False, models=("scripted/a",), suites=("crossroads",)):
            named = [word for model in models for word in ("--model", model)]
            self.refuses(2, "axiometer: " + message, "eval", *suites, *named, *options, prefix=prefix)

        refuses("--series: the run's place in the series is missing: name it with --position", "--series", "doses")
        refuses("--position: the series is missing: name it with --series", "--position", "1")
        refuses("--series: a series has a name", "--series", " ", "--position", "1")
        refuses("--series: a series has one run at a position, and 2 models are named: give each --model a command and a "
                "--position, or a series, of its own", "--series", "doses", "--position", "1",
                models=("scripted/a", "scripted/b"))
        refuses("--series: a series has one run at a position, and 2 suites are named: give each suite a command and a "
                "series of its own", "--series", "doses", "--position", "1", suites=("crossroads", "nurvalues"))
        refuses("Could not convert: --position = one", "--series", "doses", "--position", "one", prefix=True)
        refuses("Could not convert: --position = 1.5", "--series", "doses", "--position", "1.5", prefix=True)

    def test_series_that_cannot_be_shown(self):
        self.evaluate("scripted/a", 1)
        self.refuses(2, 'axiometer: series "doses": it has one position alone, 1: a change takes two; `eval --series NAME '
                     "--position N` adds one", "report", "--series", "doses")
        self.refuses(2, 'axiometer: --series: the store has no series "dose": did you mean "doses"?',
                     "report", "--series", "dose")
        self.refuses(2, "axiometer: --series: runs are named as well: name either the series or the runs",
                     "report", "latest", "--series", "doses")
        self.refuses(2, "axiometer: --margin: the runs are no series of two positions or more: `axiometer compare` takes a "
                     "margin for other runs", "report", "--margin", "0.1")
        second = self.evaluate("scripted/b", 2)
        self.refuses(2, "axiometer: --margin: nothing is equivalent within 0: name the difference of means that does not "
                     "matter", "report", "--series", "doses", "--margin", "0")
        again = self.evaluate("scripted/b", 2, options=("--fresh",))
        self.refuses(2, f'axiometer: series "doses": runs {again} and {second} are both at position 2: name the runs that '
                     "are meant, one a position", "report", "--series", "doses")
        first = self.runs()[0]["run"]
        self.assertIn("Along the series doses", self.succeeds("report", first, again))
        self.assertIn("are both at position 2", " ".join(self.succeeds("report", first, second, again).split()))

    def test_runs_that_do_not_mean_the_same_are_no_series(self):
        first = self.evaluate("scripted/a", 1)
        second = self.evaluate("scripted/a", 2, command=("eval", "crossroads", *QUIET, "--judge", "scripted/severe"))
        message = (f"axiometer: runs {first}, {second}: scores do not mean the same, because these differ: judge "
                   "(scripted/perfect / scripted/severe): compare them all the same with --allow-differences, which the "
                   "report will say")
        self.refuses(2, message, "report", "--series", "doses")
        text = " ".join(self.succeeds("report", "--series", "doses", "--allow-differences").split())
        self.assertIn("Scores do not mean the same along this series, because these differ: judge.", text)
        text = " ".join(self.succeeds("report", first, second).split())
        self.assertIn("Not shown: scores do not mean the same, because these differ: judge", text)
        third = self.evaluate("scripted/gold", 2, series="suites", command=("eval", "nurvalues", *QUIET))
        fourth = self.evaluate("scripted/a", 1, series="suites")
        self.refuses(2, f'axiometer: runs {fourth}, {third}: have no task in common (suites "crossroads" and "nurvalues"): '
                     "name runs of the same tasks; `axiometer runs` lists them", "report", "--series", "suites")

    def test_the_front_of_subjects(self):
        runs = [self.evaluate(f"scripted/{persona}") for persona in ("a", "b", "idle")]
        means = [self.means(run) for run in runs]
        # A dimension that a leads on and one that b leads on; idle leads on none.
        higher = sorted(key for key in means[0] if means[0][key] > means[1][key])
        lower = sorted(key for key in means[0] if means[0][key] < means[1][key])
        chosen = ["/".join(higher[0]), "/".join(lower[0])]
        report = json.loads(self.succeeds("compare", *runs, "--front", ",".join(chosen), "--json"))
        members = {metric["run"]: metric["value"] for metric in report["metrics"] if metric["metric"] == "front_member"}
        self.assertEqual(members, {runs[0]: 1, runs[1]: 1, runs[2]: 0})
        for metric in report["metrics"]:
            if metric["metric"] == "front_mean":
                key = tuple(metric["group"]["dimension"].split("/"))
                self.assertAlmostEqual(metric["value"], means[runs.index(metric["run"])][key], delta=1e-12)
        text = " ".join(self.succeeds("compare", *runs, "--front", ",".join(chosen)).split())
        self.assertIn("In front: A, B.", text)
        self.assertIn("No probability under sampling of tasks: fewer than 6 clusters", text)
        self.refuses(2, "axiometer: --front: on one dimension the front is the highest mean: name two dimensions or more, "
                     "comma separated", "compare", *runs, "--front", chosen[0])
        misspelt = chosen[0] + "x"
        self.refuses(2, f'axiometer: --front: no dimension "{misspelt}" was scored in every run: did you mean "{chosen[0]}"?',
                     "compare", *runs, "--front", ",".join([misspelt, chosen[1]]))

    def test_the_probability_of_a_front_with_many_clusters(self):
        runs = [self.evaluate(model, command=("eval", "nurvalues", *QUIET)) for model in ("scripted/gold", "scripted/random")]
        report = json.loads(self.succeeds("compare", *runs, "--front", "official,strict", "--json"))
        found = {metric["run"]: metric["value"] for metric in report["metrics"] if metric["metric"] == "front_probability"}
        self.assertGreater(found[runs[0]], 0.95)
        self.assertLess(found[runs[1]], 0.05)
        self.assertIn("under sampling of tasks, not of being best",
                      " ".join(self.succeeds("compare", *runs, "--front", "official,strict").split()))


if __name__ == "__main__":
    axiometer_program.main()
