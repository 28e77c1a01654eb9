#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "reports/document.h"
#include "tests/reports/report_fixture.h"

// Whole reports of a run small enough to be read, in tests/golden. AXIOMETER_UPDATE_GOLDEN=1 writes
// them anew; read the difference before committing it.
namespace axiometer {
namespace {

Document SmallReport() {
  using fixture::JudgedWith;
  using fixture::SampleOf;
  fixture::MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 1, 5);
  const char* environments[] = {"clinic-desk", "harbour-watch", "office-ledger", "town-archive"};
  const std::vector<int> scores[] = {{2, 2, 0, 1}, {2, 1, 1, 1}, {0, 0, 2, 2}};
  for (int t = 0; t < 4; ++t) {
    made.tasks.push_back(fixture::TaskOf("crossroads/" + std::string(environments[t]), "A matter",
                                         "nursing", "altruism", "human-dignity", environments[t]));
    made.samples.push_back(SampleOf(
        made.tasks[t], 1, t < 3 ? Outcome::kFinished : Outcome::kRefused, t < 3 ? "Done." : ""));
    if (t < 3)
      made.samples.back().judgements.push_back(JudgedWith("openai/judge-large", scores[t]));
  }
  ReportData data;
  data.runs.push_back(fixture::Collect(made));
  return BuildReport(data);
}

void ExpectGolden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(AXIOMETER_TEST_DIR) + "/golden/" + name;
  if (std::getenv("AXIOMETER_UPDATE_GOLDEN") != nullptr)
    std::ofstream(path, std::ios::binary) << actual;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(actual, expected.str());
}

TEST(GoldenTest, Terminal) { ExpectGolden("report.txt", ToTerminal(SmallReport(), 80, false)); }
TEST(GoldenTest, Markdown) { ExpectGolden("report.md", ToMarkdown(SmallReport())); }
TEST(GoldenTest, Json) { ExpectGolden("report.json", ToJson(SmallReport())); }

}  // namespace
}  // namespace axiometer
