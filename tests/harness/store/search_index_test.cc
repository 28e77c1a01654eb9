#include "harness/store/search_index.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

EventRow Wrote(const AttemptRow& attempt, int id, const std::string& text) {
  EventRow row;
  row.attempt = attempt.id;
  row.event.id = id;
  row.event.kind = EventKind::kMessage;
  row.event.message.role = Role::kUser;
  row.event.message.text = text;
  return row;
}

class SearchIndexTest : public StoreTest {
 protected:
  std::string IndexPath() { return Path() + "-words/index.db"; }

  std::unique_ptr<SearchIndex> Open() {
    Result<std::unique_ptr<SearchIndex>> index = SearchIndex::Open(Reader(), IndexPath());
    EXPECT_TRUE(index) << index.error().ToString();
    return std::move(*index);
  }

  // Once everything is indexed.
  std::set<int64_t> Found(SearchIndex& index, const std::string& run, const std::string& words) {
    for (int i = 0; i < 2'000; ++i) {
      const Result<SearchIndex::Found> found = index.Find(run, words);
      if (!found) {
        ADD_FAILURE() << found.error().ToString();
        return {};
      }
      if (found->indexed >= 1) return found->attempts;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "never indexed";
    return {};
  }
};

TEST_F(SearchIndexTest, WordsAreFoundInTheRunThatIsAskedAndAddedAsTheyCome) {
  const AttemptRow a = Attempt("01A", "t"), b = Attempt("01A", "u"), c = Attempt("01B", "t");
  Write({Run("01A"), Run("01B"), a, b, c, Wrote(a, 1, "The ledger is OPEN"), Wrote(a, 2, "résumé of it"), Wrote(b, 1, "open the vault"),
         Wrote(c, 1, "an open ledger"), Wrote(b, 2, "資料を読む。한국어")});
  const auto index = Open();
  EXPECT_EQ(Found(*index, "01A", "open"), (std::set<int64_t>{a.id, b.id}));
  EXPECT_EQ(Found(*index, "01A", "ledger open"), (std::set<int64_t>{a.id}));
  EXPECT_EQ(Found(*index, "01B", "ledger"), (std::set<int64_t>{c.id}));
  // Both words in one event.
  EXPECT_TRUE(Found(*index, "01A", "ledger resume").empty());
  EXPECT_EQ(Found(*index, "01A", "Resume"), (std::set<int64_t>{a.id}));
  EXPECT_EQ(Found(*index, "01A", "資料"), (std::set<int64_t>{b.id}));
  EXPECT_EQ(Found(*index, "01A", "국어"), (std::set<int64_t>{b.id}));
  EXPECT_FALSE(index->Find("01A", " \"*( "));
  EXPECT_TRUE(Found(*index, "01A", "NEAR").empty());
  Write({Wrote(b, 3, "later")});
  EXPECT_EQ(Found(*index, "01A", "later"), (std::set<int64_t>{b.id}));
}

TEST_F(SearchIndexTest, AnIndexOfAnotherStoreOrADamagedOneIsBegunAnew) {
  const AttemptRow a = Attempt("01A", "t");
  Write({Run("01A"), a, Wrote(a, 1, "first")});
  { EXPECT_EQ(Found(*Open(), "01A", "first"), (std::set<int64_t>{a.id})); }
  { EXPECT_EQ(Found(*Open(), "01A", "first"), (std::set<int64_t>{a.id})); }
  std::ofstream(IndexPath(), std::ios::trunc) << std::string(5'000, 'x');
  { EXPECT_EQ(Found(*Open(), "01A", "first"), (std::set<int64_t>{a.id})); }
  Write({Run("00Z")});  // now the store's first run
  EXPECT_EQ(Found(*Open(), "01A", "first"), (std::set<int64_t>{a.id}));
}

TEST(SearchExpression, WordsAreQuotedAndJoined) {
  EXPECT_EQ(SearchExpression("open ledger"), "\"open\" AND \"ledger\"");
  EXPECT_EQ(SearchExpression("a\"b* (c) NEAR:d"), "\"a\" AND \"b\" AND \"c\" AND \"NEAR\" AND \"d\"");
  EXPECT_EQ(SearchExpression("中文x"), "\"中\" AND \"文\" AND \"x\"");
  EXPECT_EQ(SearchExpression(" \"'()*^:-"), "");
}

TEST(SpacedForSearch, OnlyScriptsWithoutSpacesGetThem) {
  EXPECT_EQ(SpacedForSearch("plain é ñ"), "plain é ñ");
  EXPECT_EQ(SpacedForSearch("a中b"), "a 中 b");
  EXPECT_EQ(SpacedForSearch("中"), " 中 ");
  EXPECT_EQ(SpacedForSearch("x\xe4"), "x\xe4");
}

}  // namespace
}  // namespace axiometer
