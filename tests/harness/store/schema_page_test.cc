// SCHEMA.md is a promise to people who query the store: it names what there is, and its queries
// run.

#include <fstream>
#include <set>

#include "harness/store/database.h"
#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

class SchemaPageTest : public StoreTest {
 protected:
  SchemaPageTest() {
    std::ifstream file(AXIOMETER_TEST_DIR "/../harness/store/SCHEMA.md");
    page_.assign(std::istreambuf_iterator<char>(file), {});
  }

  // What stands between each pair of `open` and `close`.
  std::vector<std::string> Between(const std::string& open, const std::string& close) const {
    std::vector<std::string> found;
    for (size_t at = 0; (at = page_.find(open, at)) != std::string::npos;) {
      at += open.size();
      const size_t end = page_.find(close, at);
      found.push_back(page_.substr(at, end - at));
      at = end;
    }
    return found;
  }

  // Two judged samples of one task, one of them retried after an error.
  void WriteARun() {
    const std::string task = "crossroads/ledger-01";
    const AttemptRow failed = Attempt("01A", task, 1, 1), first = Attempt("01A", task, 1, 2),
                     second = Attempt("01A", task, 2, 1);
    std::vector<Row> rows{Run("01A"), failed, Call(failed, 1), End(failed, Outcome::kModelError)};
    for (const AttemptRow& attempt : {first, second}) {
      const CallRow call = Call(attempt, 1);
      const CallRow last = Call(attempt, 2);
      Event reply = Happened(3, EventKind::kReply, 1), tool = Happened(4, EventKind::kTool, 1),
            end = Happened(5, EventKind::kReply, 2);
      reply.message.raw = call.message;
      end.message.raw = last.message;
      tool.tool = {"c1", "read_policy", "{}", R"({"text":"no"})", ToolStatus::kOk, 2'500};
      rows.insert(rows.end(),
                  {attempt, call, last,
                   EventRow{attempt.id, Said(1, Role::kSystem, std::string(500, 's')), 0},
                   EventRow{attempt.id, Said(2, Role::kUser, "begin"), 0},
                   EventRow{attempt.id, reply, call.id}, EventRow{attempt.id, tool, 0},
                   EventRow{attempt.id, end, last.id}, End(attempt, Outcome::kFinished, "step 2")});
      for (const auto& [judge, score] : {std::pair{"openai/one", 1.0}, {"openai/two", 2.0}}) {
        JudgementRow row = Judged(attempt, judge, score / 2);
        row.judgement.verdicts.push_back({"a1", 'a', 3, score, false, "it read the policy", {4}});
        rows.emplace_back(std::move(row));
      }
    }
    JudgementRow person = Judged(first, "person/ann", 1);
    person.judgement.scores.clear();
    person.judgement.verdicts.push_back({"a1", 'a', 3, 2.0, false, "", {}});
    rows.emplace_back(std::move(person));
    Write(std::move(rows));
  }

  std::unique_ptr<Database> OpenForSql() const {
    return std::move(*Database::Open(Path(), Database::Access::kRead));
  }

  std::vector<std::string> Column(Database& database, const std::string& sql, int column = 0) {
    std::vector<std::string> values;
    auto rows = database.Prepare(sql);
    if (!rows) {
      ADD_FAILURE() << rows.error().ToString() << "\n" << sql;
      return values;
    }
    while (true) {
      const Result<bool> row = rows->Step();
      if (!row) ADD_FAILURE() << row.error().ToString() << "\n" << sql;
      if (!row || !*row) return values;
      values.push_back(rows->Text(column));
    }
  }

  std::string page_;
};

TEST_F(SchemaPageTest, EveryTableViewAndColumnIsNamedAndNothingElse) {
  Writer();
  const auto database = OpenForSql();
  const auto names =
      Column(*database, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
  EXPECT_EQ(names.size(), 16u);
  for (const std::string& name : names) {
    // From its name to the next one.
    const size_t begin = page_.find("\n**" + name + "**: ");
    ASSERT_NE(begin, std::string::npos) << name;
    const std::string part = page_.substr(
        begin, std::min(page_.find("\n**", begin + 1), page_.find("\n## ", begin)) - begin);
    for (const std::string& column :
         Column(*database, "SELECT name FROM pragma_table_info('" + name + "')")) {
      EXPECT_NE(part.find("`" + column + "`"), std::string::npos) << name << "." << column;
    }
  }
  std::vector<std::string> described = Between("\n**", "**: ");
  EXPECT_EQ(std::set(described.begin(), described.end()), std::set(names.begin(), names.end()));
}

TEST_F(SchemaPageTest, EveryQueryRunsAndFindsSomething) {
  WriteARun();
  const auto database = OpenForSql();
  const std::vector<std::string> queries = Between("```sql\n", "```");
  EXPECT_EQ(queries.size(), 7u);
  for (const std::string& query : queries) EXPECT_FALSE(Column(*database, query).empty()) << query;
  EXPECT_EQ(Column(*database, queries[0], 2), std::vector<std::string>{"2"});
  EXPECT_EQ(Column(*database, queries[1], 3), (std::vector<std::string>{"0.5", "1.0"}));
  EXPECT_EQ(Column(*database, queries[2], 3), std::vector<std::string>{"50"});
  EXPECT_EQ(Column(*database, queries[3], 1),
            (std::vector<std::string>{"system", "user", "assistant", "tool", "assistant"}));
  EXPECT_EQ(Column(*database, queries[3], 2).at(4), "step 2");
  EXPECT_EQ(Column(*database, queries[3], 2).at(0), std::string(500, 's'));
  EXPECT_EQ(Column(*database, queries[4], 3), std::vector<std::string>{"2.5"});
  EXPECT_EQ(Column(*database, queries[5], 1), (std::vector<std::string>{"openai/one", "openai/two"}));
  EXPECT_EQ(Column(*database, queries[5], 4), (std::vector<std::string>{"0.0", "1.0"}));
  EXPECT_EQ(Column(*database, queries[6]).size(), 3u);
}

TEST_F(SchemaPageTest, RepeatedLongTextsAreStoredOnce) {
  WriteARun();
  EXPECT_EQ(Column(*OpenForSql(), "SELECT length(text) FROM texts"),
            std::vector<std::string>{"500"});
}

TEST_F(SchemaPageTest, SampleScoresComeFromTheLatestJudgementOfEachJudge) {
  const AttemptRow attempt = Attempt("01A", "t");
  Write({Run("01A"), attempt, End(attempt, Outcome::kFinished),
         Judged(attempt, "openai/z", 0.25, 5'000), Judged(attempt, "openai/z", 0.75, 6'000),
         Judged(attempt, "checks", 0.5, 1'000)});
  EXPECT_EQ(Column(*OpenForSql(), "SELECT number FROM sample_scores ORDER BY judge"),
            (std::vector<std::string>{"0.5", "0.75"}));
}

}  // namespace
}  // namespace axiometer
