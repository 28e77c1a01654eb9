#include "reports/stats/letter_groups.h"

#include <algorithm>
#include <cstdint>

namespace axiometer {
namespace {

constexpr size_t kMostGroups = 1000;

// A set of items as bits.
class Column {
 public:
  explicit Column(int items) : words_((static_cast<size_t>(items) + 63) / 64, 0) {
    for (int i = 0; i < items; ++i) words_[i / 64] |= uint64_t{1} << (i % 64);
  }
  bool Has(int item) const { return (words_[item / 64] >> (item % 64)) & 1; }
  Column Without(int item) const {
    Column column = *this;
    column.words_[item / 64] &= ~(uint64_t{1} << (item % 64));
    return column;
  }
  bool Within(const Column& other) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & ~other.words_[i]) != 0) return false;
    }
    return true;
  }

 private:
  std::vector<uint64_t> words_;
};

// Adds `column` unless another holds all of it already.
void Insert(Column column, std::vector<Column>& columns) {
  const auto holds = [&](const Column& other) { return column.Within(other); };
  if (std::none_of(columns.begin(), columns.end(), holds)) columns.push_back(std::move(column));
}

}  // namespace

std::optional<std::vector<std::vector<int>>> LetterGroups(
    int items, std::span<const std::pair<int, int>> apart) {
  if (items == 0) return std::vector<std::vector<int>>();
  std::vector<Column> columns{Column(items)};
  for (const auto& [i, j] : apart) {
    std::vector<Column> kept;
    std::vector<Column> split;
    for (Column& column : columns) {
      (column.Has(i) && column.Has(j) ? split : kept).push_back(std::move(column));
    }
    // A half can lie within a column that was kept. Nothing else can lie within another: before the
    // split none did, and the halves of one side all lost the same item.
    for (const Column& column : split) {
      Insert(column.Without(i), kept);
      Insert(column.Without(j), kept);
    }
    columns = std::move(kept);
    if (columns.size() > kMostGroups) return std::nullopt;
  }
  std::vector<std::vector<int>> groups;
  for (const Column& column : columns) {
    std::vector<int> group;
    for (int item = 0; item < items; ++item) {
      if (column.Has(item)) group.push_back(item);
    }
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

std::string GroupLetters(int group) {
  std::string letters;
  for (int rest = group; rest >= 0; rest = rest / 26 - 1) {
    letters.insert(letters.begin(), static_cast<char>('a' + rest % 26));
  }
  return letters;
}

}  // namespace axiometer
