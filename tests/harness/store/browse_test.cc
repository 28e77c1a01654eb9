#include "harness/store/browse.h"

#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

using namespace std::chrono_literals;

class BrowseTest : public StoreTest {
 protected:
  // Tasks "t/00" to "t/29", two epochs each; every third has a failure before it and every fifth was interrupted.
  void Fill() {
    std::vector<Row> rows{Run("01A"), Run("01B")};
    for (int task = 0; task < 30; ++task) {
      const std::string name = std::string("t/") + (task < 10 ? "0" : "") + std::to_string(task);
      for (int epoch = 1; epoch <= 2; ++epoch) {
        int number = 0;
        if (task % 3 == 0) {
          const AttemptRow failed = Attempt("01A", name, epoch, ++number);
          rows.emplace_back(failed);
          rows.emplace_back(End(failed, Outcome::kModelError));
        }
        const AttemptRow attempt = Attempt("01A", name, epoch, ++number);
        rows.emplace_back(attempt);
        rows.emplace_back(End(attempt, task % 5 == 0 ? Outcome::kInterrupted : Outcome::kFinished, name));
        rows.emplace_back(Judged(attempt, "openai/z", task / 30.0, 1'000));
      }
    }
    const AttemptRow other = Attempt("01B", "t/00", 1);
    rows.emplace_back(other);
    rows.emplace_back(End(other, Outcome::kFinished));
    Write(std::move(rows));
  }

  // All that fit the query, page by page.
  std::vector<std::string> Listed(SampleQuery query) {
    query.run = "01A";
    const auto reader = Reader();
    std::vector<std::string> seen;
    for (int page = 0; page < 1'000; ++page) {
      const Result<SamplePage> found = reader->ListSamples(query);
      if (!found) {
        ADD_FAILURE() << found.error().ToString();
        break;
      }
      EXPECT_LE(found->samples.size(), query.limit);
      for (const ListedSample& one : found->samples) seen.push_back(one.task + " " + std::to_string(one.epoch) + " " + OutcomeName(one.outcome));
      if (found->complete) return seen;
      EXPECT_GT(found->looked_at, 0);
      query.after_task = found->last_task;
      query.after_epoch = found->last_epoch;
    }
    ADD_FAILURE() << "no end";
    return seen;
  }

  // The same from the reader of whole runs.
  std::vector<std::string> Expected() {
    std::vector<std::string> seen;
    EXPECT_TRUE(Reader()->ForEachSample("01A", [&](const SampleRow& row) {
      seen.push_back(row.task + " " + std::to_string(row.epoch) + " " + OutcomeName(row.outcome));
      return true;
    }));
    return seen;
  }
};

TEST_F(BrowseTest, PagesOfAnySizeTogetherAreTheRun) {
  Fill();
  const std::vector<std::string> expected = Expected();
  ASSERT_EQ(expected.size(), 52u);
  for (const size_t limit : {1, 2, 7, 100}) {
    SampleQuery query;
    query.limit = limit;
    EXPECT_EQ(Listed(query), expected) << limit;
  }
}

TEST_F(BrowseTest, WithoutTimeEveryPageStillGetsOneFurther) {
  Fill();
  SampleQuery query;
  query.budget = 0ms;
  EXPECT_EQ(Listed(query), Expected());
}

TEST_F(BrowseTest, FiltersKeepWhatFits) {
  Fill();
  std::vector<std::string> expected = Expected();
  SampleQuery failed;
  failed.outcome = "model_error";
  failed.limit = 3;
  std::vector<std::string> wanted;
  for (const std::string& one : expected) {
    if (one.ends_with("model_error")) wanted.push_back(one);
  }
  ASSERT_FALSE(wanted.empty());
  EXPECT_EQ(Listed(failed), wanted);
  SampleQuery one_task;
  int asked = 0;
  one_task.task = [&](const std::string& task, const std::string&) {
    ++asked;
    return task == "t/07";
  };
  EXPECT_EQ(Listed(one_task), (std::vector<std::string>{"t/07 1 finished", "t/07 2 finished"}));
  EXPECT_EQ(asked, 26);
  SampleQuery scored;
  scored.sample = [](const ListedSample& sample) { return !sample.judged.empty() && sample.judged.front().judge == "openai/z"; };
  EXPECT_EQ(Listed(scored).size(), 48u);
}

TEST_F(BrowseTest, AttemptsOfASample) {
  Fill();
  const auto attempts = Reader()->Attempts("01A", "t/03", 2);
  ASSERT_TRUE(attempts);
  ASSERT_EQ(attempts->size(), 2u);
  EXPECT_EQ(attempts->at(0).number, 1);
  EXPECT_EQ(attempts->at(0).outcome, "model_error");
  EXPECT_EQ(attempts->at(1).outcome, "finished");
  EXPECT_TRUE(Reader()->Attempts("01A", "t/none", 1)->empty());
}

TEST_F(BrowseTest, StampsChangeWithWhatTheyStandFor) {
  Fill();
  const auto reader = Reader();
  const std::string before = *reader->ContentStamp("01A");
  EXPECT_EQ(*reader->ContentStamp("01A"), before);
  const AttemptRow attempt = Attempt("01A", "t/07", 1);
  Write({Judged(attempt, "openai/y", 0.5, 2'000)});
  EXPECT_NE(*reader->ContentStamp("01A"), before);
}

}  // namespace
}  // namespace axiometer
