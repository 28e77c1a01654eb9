#include "harness/store/search_index.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "harness/base/digest.h"
#include "harness/base/utf8.h"
#include "harness/store/browse.h"
#include "harness/store/database.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatch = 1000;               // events in a transaction
constexpr size_t kLongest = 64u << 10;        // bytes of an event's text that are indexed
constexpr std::chrono::milliseconds kPause{500};  // between looks for what is new
constexpr int kFormat = 1;

// Blocks written without spaces between words.
bool StandsAlone(char32_t c) {
  return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x3FFFF) || (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
         (c >= 0x1780 && c <= 0x17FF);
}

Result<void> Prepare(Database& index, const std::string& store) {
  Result<void> done = index.Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;"
      "CREATE TABLE IF NOT EXISTS facts (name TEXT NOT NULL PRIMARY KEY, value NOT NULL);");
  if (!done) return done;
  const Result<std::string> known = index.QueryText("SELECT group_concat(value, ' ') FROM (SELECT value FROM facts WHERE name IN ('format', 'store') ORDER BY name)");
  if (!known) return known.error();
  const std::string ours = std::to_string(kFormat) + " " + store;
  if (*known == ours) return {};
  Result<Statement> fact = index.Prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)");
  if (!fact) return fact.error();
  done = index.Execute(
      "DROP TABLE IF EXISTS words; DELETE FROM facts;"
      // Without contents and positions: which events have a word is all that is asked.
      "CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, tokenize='unicode61 remove_diacritics 2')");
  if (done) done = fact->Bind("format", int64_t{kFormat}).Execute();
  if (done) done = fact->Bind("store", store).Execute();
  return done;
}

}  // namespace

std::string SearchIndexPath(const std::string& store_path) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path folder;
  if (cache && *cache == '/') {
    folder = cache;
  } else if (home && *home == '/') {
    folder = fs::path(home) / ".cache";
  } else {
    return "";
  }
  std::error_code problem;
  const fs::path whole = fs::weakly_canonical(fs::absolute(store_path), problem);
  return (folder / "axiometer" / ("search-" + Sha256(whole.string()).substr(0, 24) + ".db")).string();
}

std::string SpacedForSearch(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  size_t plain = 0;  // from here on nothing was copied yet
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length >= 3 && i + length <= text.size()) {
      char32_t c = lead & (length == 3 ? 0x0F : 0x07);
      for (size_t j = 1; j < length; ++j) c = c << 6 | (static_cast<unsigned char>(text[i + j]) & 0x3F);
      if (StandsAlone(c)) {
        out.append(text, plain, i - plain).append(" ").append(text, i, length).append(" ");
        plain = i + length;
      }
    }
    i += length;
  }
  if (plain < text.size()) out.append(text, plain);
  return out;
}

std::string SearchExpression(const std::string& words) {
  std::string expression, word;
  const auto finish = [&] {
    if (!word.empty()) expression += (expression.empty() ? "\"" : " AND \"") + word + "\"";
    word.clear();
  };
  for (const char c : SpacedForSearch(ReplaceInvalidUtf8(words))) {
    // What separates words for the tokenizer: ASCII that is neither letter nor digit.
    const bool inside = static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c));
    if (inside) {
      word += c;
    } else {
      finish();
    }
  }
  finish();
  return expression;
}

struct SearchIndex::Impl {
  Impl(std::unique_ptr<StoreReader> adding, std::unique_ptr<StoreReader> searching, std::unique_ptr<Database> writer,
       std::unique_ptr<Database> reader)
      : adding(std::move(adding)), searching(std::move(searching)), writer(std::move(writer)), reader(std::move(reader)) {}

  void Work() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);  // of this thread alone
    std::unique_lock lock(mutex);
    while (!stopping) {
      lock.unlock();
      const Result<bool> more = AddBatch();
      lock.lock();
      if (!more) {
        problem = more.error();
        return;
      }
      if (!*more) wake.wait_for(lock, kPause, [this] { return stopping; });
    }
  }

  // Whether there is more to add.
  Result<bool> AddBatch() {
    Result<int64_t> last = writer->QueryInteger("SELECT coalesce(max(value), 0) FROM facts WHERE name = 'last'");
    if (!last) return last.error();
    Result<std::vector<StoredText>> texts = adding->EventTexts(*last, kBatch);
    if (!texts) return texts.error();
    if (texts->empty()) return false;
    Result<void> done = writer->Execute("BEGIN");
    if (!done) return done.error();
    Result<Statement> row = writer->Prepare("INSERT INTO words (rowid, text) VALUES (?, ?)");
    if (!row) return row.error();
    for (const StoredText& one : *texts) {
      const std::string text = SpacedForSearch(one.text.substr(0, kLongest));
      done = row->Bind(one.place, text).Execute();
      if (!done) return done.error();
      *last = one.place;
    }
    Result<Statement> fact = writer->Prepare("INSERT OR REPLACE INTO facts VALUES ('last', ?)");
    if (!fact) return fact.error();
    done = fact->Bind(*last).Execute();
    if (done) done = writer->Execute("COMMIT");
    if (!done) return done.error();
    return texts->size() == kBatch;
  }

  std::unique_ptr<StoreReader> adding;     // of the thread
  std::unique_ptr<StoreReader> searching;  // of Find
  std::unique_ptr<Database> writer;        // of the thread
  std::unique_ptr<Database> reader;        // of Find
  std::mutex mutex;
  std::condition_variable wake;
  std::optional<Error> problem;
  bool stopping = false;
  std::thread thread;
};

SearchIndex::SearchIndex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([this] { impl_->Work(); });
}

SearchIndex::~SearchIndex() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

Result<std::unique_ptr<SearchIndex>> SearchIndex::Open(std::unique_ptr<StoreReader> store, const std::string& path) {
  Result<std::string> name = store->Name();
  if (!name) return std::move(name).error();
  Result<std::unique_ptr<StoreReader>> searching = store->Another();
  if (!searching) return std::move(searching).error();
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  fs::permissions(fs::path(path).parent_path(), fs::perms::owner_all, ignored);  // trajectories are nobody else's
  for (const bool again : {false, true}) {
    Result<std::unique_ptr<Database>> writer = Database::Open(path, Database::Access::kWrite);
    const Result<void> ready = writer ? Prepare(**writer, *name) : writer.error();
    Result<std::unique_ptr<Database>> reader = ready ? Database::Open(path, Database::Access::kRead) : ready.error();
    if (reader) {
      return std::unique_ptr<SearchIndex>(new SearchIndex(
          std::make_unique<Impl>(std::move(store), std::move(*searching), std::move(*writer), std::move(*reader))));
    }
    if (again) return std::move(reader).error();
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(path + ending, ignored);
  }
  return Failed(path, "cannot be opened");
}

Result<SearchIndex::Found> SearchIndex::Find(const std::string& run, const std::string& words) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->problem) return *impl_->problem;
  }
  const std::string expression = SearchExpression(words);
  if (expression.empty()) return UsageError("", "there is no word to look for", "type letters or digits");
  const Result<EventRange> range = impl_->searching->EventsOf(run);
  if (!range) return range.error();
  Database& index = *impl_->reader;
  const Result<int64_t> last = index.QueryInteger("SELECT coalesce(max(value), 0) FROM facts WHERE name = 'last'");
  if (!last) return last.error();
  Found found;
  if (range->last > 0) {
    found.indexed = std::min(1.0, static_cast<double>(std::max<int64_t>(0, *last - range->first + 1)) /
                                      static_cast<double>(range->last - range->first + 1));
  }
  Result<Statement> rows = index.Prepare("SELECT rowid FROM words WHERE words MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid LIMIT ?4");
  if (!rows) return rows.error();
  rows->Bind(expression, range->first, range->last, static_cast<int64_t>(kMost));
  size_t events = 0;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) break;
    ++events;
    const Result<int64_t> attempt = impl_->searching->AttemptOf(rows->Integer(0), run);
    if (!attempt) return attempt.error();
    if (*attempt != 0) found.attempts.insert(*attempt);
  }
  found.cut = events >= kMost;
  return found;
}

}  // namespace axiometer
