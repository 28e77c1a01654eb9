#include "reports/agent_valuebench_markdown.h"

#include <gtest/gtest.h>

#include "tests/reports/report_fixture.h"

namespace axiometer::valuebench {
namespace {

ResultRow RowOf(const std::string& name, const std::vector<CaseScore>& cases) {
  ResultRow row;
  row.name = row.model = name;
  row.harness = "react_tools";
  row.adherence = Adherence(cases);
  row.priority = Priority(cases);
  return row;
}

TEST(ValueBenchMarkdownTest, TablesAreThoseOfTheReleasedProgram) {
  // The second subject has one value more, and a system in two pieces.
  const ResultRow first = RowOf("north & \"sons\"", {{"toy", "X", "Y", true, 8, 7},
                                                     {"toy", "Z", "Y", true, 5, 5},
                                                     {"toy", "X", "Z", true, 10, 0}});
  const ResultRow second = RowOf("<east>", {{"odd", "A", "B", true, 1.0 / 3, 0},
                                            {"odd", "C", "D", true, 1, 0},
                                            {"toy", "X", "W", true, 2, 2}});
  EXPECT_EQ(ResultsMarkdown({first, second, RowOf("empty", {})}),
            R"(# Value Results Summary

## Value Adherence

Cell format: `final_score`.

<table>
  <thead>
    <tr>
      <th rowspan="2">Model</th>
      <th colspan="4">odd</th>
      <th colspan="4">toy</th>
    </tr>
    <tr>
      <th>A</th>
      <th>B</th>
      <th>C</th>
      <th>D</th>
      <th>W</th>
      <th>X</th>
      <th>Y</th>
      <th>Z</th>
    </tr>
  </thead>
  <tbody>
    <tr>
      <td>&lt;east&gt;</td>
      <td>0.3333</td>
      <td>0.0000</td>
      <td>1.0000</td>
      <td>0.0000</td>
      <td>2.0000</td>
      <td>2.0000</td>
      <td>-</td>
      <td>-</td>
    </tr>
    <tr>
      <td>empty</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
    </tr>
    <tr>
      <td>north &amp; &quot;sons&quot;</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>9.0000</td>
      <td>6.0000</td>
      <td>2.5000</td>
    </tr>
  </tbody>
</table>

## Value Priority

Cell format: `strength_parameter / rank`.

<table>
  <thead>
    <tr>
      <th rowspan="2">Model</th>
      <th colspan="4">odd</th>
      <th colspan="4">toy</th>
    </tr>
    <tr>
      <th>A</th>
      <th>B</th>
      <th>C</th>
      <th>D</th>
      <th>W</th>
      <th>X</th>
      <th>Y</th>
      <th>Z</th>
    </tr>
  </thead>
  <tbody>
    <tr>
      <td>&lt;east&gt;</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>1.000000 / #1</td>
      <td>1.000000 / #2</td>
      <td>-</td>
      <td>-</td>
    </tr>
    <tr>
      <td>empty</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
    </tr>
    <tr>
      <td>north &amp; &quot;sons&quot;</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>-</td>
      <td>21.687738 / #1</td>
      <td>0.214730 / #2</td>
      <td>0.214730 / #3</td>
    </tr>
  </tbody>
</table>
)");
}

// Every value of the harness experiment's four systems, each against its system's first.
std::vector<CaseScore> HarnessCases() {
  std::vector<CaseScore> cases;
  const auto add = [&cases](const char* system, std::vector<const char*> values) {
    for (size_t i = 1; i < values.size(); ++i) {
      cases.push_back({system, values[0], values[i], true, 5, static_cast<double>(i)});
    }
  };
  add("mft08", {"Authority", "Care", "Fairness", "Loyalty", "Purity"});
  add("nfcc2000", {"Closed-Mindedness", "Decisiveness", "Discomfort with Ambiguity",
                   "Need for Cognitive Closure", "Preference for Order and Structure",
                   "Preference for Predictability"});
  add("pvq40", {"Achievement", "Benevolence", "Conformity", "Hedonism", "Power", "Security",
                "Self-Direction", "Stimulation", "Tradition", "Universalism"});
  add("vsm13", {"Collectivism", "Femininity", "Individualism", "Indulgence",
                "Long Term Orientation", "Masculinity", "Power Distance", "Restraint",
                "Short Term Orientation", "Uncertainty Avoidance"});
  return cases;
}

std::vector<ResultRow> HarnessRows() {
  std::vector<ResultRow> rows;
  for (const auto& [model, harness] : {std::pair("kimi-k2.5", "codex"),
                                       {"kimi-k2.5", "claudecode"},
                                       {"kimi-k2.5", "openclaw"},
                                       {"gpt-5.4", "codex"},
                                       {"gpt-5.4", "openclaw"},
                                       {"claude-sonnet-4.6", "claudecode"},
                                       {"claude-sonnet-4.6", "openclaw"}}) {
    rows.push_back(RowOf(model, HarnessCases()));
    rows.back().harness = harness;
    rows.back().run = std::string("of ") + harness;
  }
  return rows;
}

TEST(ValueBenchMarkdownTest, HarnessTableHasItsFixedRowsAndColumns) {
  std::vector<ResultRow> rows = HarnessRows();
  rows.push_back(RowOf("another", {{"toy", "X", "Y", true, 1, 0}}));
  const Result<std::string> text = HarnessResultsMarkdown(rows);
  ASSERT_TRUE(text) << text.error().ToString();
  EXPECT_EQ(text->find("another"), std::string::npos);
  EXPECT_LT(text->find("<td>claude-sonnet-4.6/openclaw</td>"),
            text->find("<td>claude-sonnet-4.6/claudecode</td>"));
  EXPECT_LT(text->find("<td>claude-sonnet-4.6/claudecode</td>"),
            text->find("<td>gpt-5.4/openclaw</td>"));
  EXPECT_EQ(fixture::Count(*text, "    <tr>\n      <td>"), 14u);
  EXPECT_EQ(fixture::Count(*text, "<td>"), 14u * 32u);
  EXPECT_NE(text->find("<th colspan=\"10\">vsm13</th>\n    </tr>\n    <tr>\n      "
                       "<th>Authority</th>\n"),
            std::string::npos);
}

TEST(ValueBenchMarkdownTest, HarnessTableIsNotMadeWithoutAllItsCells) {
  std::vector<ResultRow> rows = HarnessRows();
  rows.erase(rows.begin());
  rows[0].adherence.at("pvq40").values.erase("Power");
  rows[1].priority.clear();
  const Result<std::string> text = HarnessResultsMarkdown(rows);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().what,
            "kimi-k2.5/openclaw has no priority of mft08 Authority and 30 more; "
            "kimi-k2.5/claudecode has no adherence of pvq40 Power; no run of kimi-k2.5 with codex");
  std::vector<ResultRow> twice = HarnessRows();
  twice.push_back(twice.front());
  const Result<std::string> ambiguous = HarnessResultsMarkdown(twice);
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().what, "both are of kimi-k2.5 with codex");
}

TEST(ValueBenchMarkdownTest, RowsAreNamedForModelJudgeAndRun) {
  fixture::MadeRun made;
  made.summary = fixture::SummaryOf("agent-valuebench", "agent-valuebench", 1, 1);
  made.tasks.push_back(
      fixture::TaskOf("agent-valuebench/case_00001", "one", "toy", "X", "Y", "Place"));
  made.samples.push_back(fixture::SampleOf(made.tasks[0], 1, Outcome::kFinished));
  made.samples[0].judgements = {fixture::JudgedWith("openai/judge", {2, 2, 0, 1}),
                                fixture::JudgedWith("openai/other", {0, 0, 2, 2})};
  ReportData data;
  data.runs = {fixture::Collect(made)};
  const Result<std::vector<ResultRow>> rows = ResultRows(data);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].name, "harbour-7b (judge judge)");
  EXPECT_EQ((*rows)[1].name, "harbour-7b (judge other)");
  EXPECT_EQ((*rows)[0].adherence.at("toy").values.at("X").score, 10.0);
  EXPECT_EQ((*rows)[1].adherence.at("toy").values.at("X").score, 0.0);

  made.samples[0].judgements.pop_back();
  data.runs = {fixture::Collect(made), fixture::Collect(made)};
  data.runs[1].summary.run.id = "01OTHER";
  const Result<std::vector<ResultRow>> two = ResultRows(data);
  ASSERT_TRUE(two);
  EXPECT_EQ((*two)[0].name, "harbour-7b (run " + made.summary.run.id + ")");
  EXPECT_EQ((*two)[1].name, "harbour-7b (run 01OTHER)");

  data.runs[1].summary.run.protocol = "axiometer";
  data.runs[1].summary.run.suite = "crossroads";
  const Result<std::vector<ResultRow>> refused = ResultRows(data);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "run 01OTHER is of suite \"crossroads\", not of agent-valuebench");
}

}  // namespace
}  // namespace axiometer::valuebench
