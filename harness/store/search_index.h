#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "harness/store/store.h"

namespace axiometer {

// Where the search index of a store is kept: in the user's cache folder (XDG_CACHE_HOME, else ~/.cache), named for the
// store's path. Empty: there is no such folder.
std::string SearchIndexPath(const std::string& store_path);

// Words in trajectories, found by SQLite's FTS5 in a file of its own, so that the store stays as it is and its writer
// pays nothing. A thread of its own adds what is new, oldest first. The file can be deleted at any time.
class SearchIndex {
 public:
  // `store` is for that thread and this object's searches alone. A file that is of another store or damaged is begun anew.
  static Result<std::unique_ptr<SearchIndex>> Open(std::unique_ptr<StoreReader> store, const std::string& path);
  ~SearchIndex();

  struct Found {
    std::set<int64_t> attempts;  // of the run, in which one event has all the words
    bool cut = false;            // there are more than kMost events with them; the earliest count
    double indexed = 1;          // share of the store's events that was searched
  };
  // Words are separated by spaces; case and accents do not count; Chinese, Japanese and Korean are found character by
  // character. Error: there is no word in `words`.
  Result<Found> Find(const std::string& run, const std::string& words);

  static constexpr size_t kMost = 20'000;

 private:
  struct Impl;
  explicit SearchIndex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// `text` as it is indexed: a space on either side of each character of the scripts that are written without spaces.
std::string SpacedForSearch(const std::string& text);
// What FTS5 is asked for `words`; empty: there is nothing to look for.
std::string SearchExpression(const std::string& words);

}  // namespace axiometer
