#include "reports/junit.h"

#include <algorithm>

#include "harness/base/utc.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

struct TestCase {
  std::string class_name;
  std::string name;
  double seconds = 0;
  std::string type;  // of the failure
  std::vector<std::string> failures;
};

// As xs:dateTime without a zone, which the schema asks for; UTC.
std::string Timestamp(int64_t ms) { return UtcTime(ms, "%Y-%m-%dT%H:%M:%S"); }

std::string Counts(const std::vector<TestCase>& cases) {
  const auto failed =
      std::count_if(cases.begin(), cases.end(), [](const TestCase& one) { return !one.failures.empty(); });
  double seconds = 0;
  for (const TestCase& one : cases) seconds += one.seconds;
  return " tests=\"" + std::to_string(cases.size()) + "\" failures=\"" + std::to_string(failed) +
         "\" errors=\"0\" time=\"" + Fixed(seconds, 3) + "\"";
}

std::string Element(const TestCase& one) {
  std::string out = "    <testcase classname=\"" + HtmlText(one.class_name) + "\" name=\"" + HtmlText(one.name) +
                    "\" time=\"" + Fixed(one.seconds, 3) + "\"";
  if (one.failures.empty()) return out + "/>\n";
  std::string all;
  for (const std::string& failure : one.failures) all += (all.empty() ? "" : "\n") + failure;
  return out + ">\n      <failure type=\"" + one.type + "\" message=\"" + HtmlText(one.failures.front()) + "\">" +
         HtmlText(all, true) + "</failure>\n    </testcase>\n";
}

std::string Suite(int id, const std::string& name, const std::string& timestamp, const std::vector<TestCase>& cases) {
  std::string out = "  <testsuite id=\"" + std::to_string(id) + "\" package=\"axiometer\" name=\"" + name +
                    "\" timestamp=\"" + timestamp + "\" hostname=\"localhost\"" + Counts(cases) + ">\n" +
                    "    <properties/>\n";
  for (const TestCase& one : cases) out += Element(one);
  return out + "    <system-out/>\n    <system-err/>\n  </testsuite>\n";
}

TestCase RunCase(const RunData& run, const FailureBudget& budget) {
  TestCase one;
  const RunRow& row = run.summary.run;
  one.class_name = "axiometer.runs";
  one.name = row.model + " on " + row.suite + ", run " + row.id + ": failures within the budget";
  one.seconds = static_cast<double>(run.summary.elapsed_ms) / 1000;
  one.type = "failure-budget";
  for (int judge = run.judges.empty() ? -1 : 0; judge < static_cast<int>(run.judges.size()); ++judge) {
    const std::string over = OverBudget(run, judge, budget);
    if (over.empty()) continue;
    one.failures.push_back((judge < 0 ? "" : run.judges[static_cast<size_t>(judge)] + ": ") + over);
  }
  return one;
}

}  // namespace

std::string ToJunit(const std::vector<RunData>& runs, const FailureBudget& budget,
                    const std::vector<ThresholdResult>& thresholds) {
  std::vector<TestCase> of_runs;
  int64_t begun = 0;
  for (const RunData& run : runs) {
    of_runs.push_back(RunCase(run, budget));
    begun = std::max(begun, run.summary.run.created_ms);
  }
  std::vector<TestCase> of_thresholds;
  for (const ThresholdResult& result : thresholds) {
    of_thresholds.push_back({"axiometer.thresholds", result.threshold.text, 0, "threshold", result.missed});
  }
  std::vector<TestCase> all = of_runs;
  all.insert(all.end(), of_thresholds.begin(), of_thresholds.end());
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"axiometer\"" + Counts(all) + ">\n" +
         Suite(0, "runs", Timestamp(begun), of_runs) + Suite(1, "thresholds", Timestamp(begun), of_thresholds) +
         "</testsuites>\n";
}

}  // namespace axiometer
