#include "tasks/task_selection.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <tuple>

#include "harness/base/digest.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

std::optional<int64_t> ReadRank(std::string_view text) {
  int64_t rank = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rank);
  if (error != std::errc() || end != text.data() + text.size() || rank < 1) return std::nullopt;
  return rank;
}

// What a filter can ask of a task.
std::multimap<std::string, std::string> Attributes(const Task& task) {
  std::multimap<std::string, std::string> attributes = {{"value_system", task.value_system},
                                                        {"pole", task.pole_a},
                                                        {"pole", task.pole_b},
                                                        {"environment", task.environment},
                                                        {"kind", TaskKindName(task.kind)}};
  for (const auto& [key, value] : task.tags) attributes.emplace(key, value);
  return attributes;
}

Result<std::vector<size_t>> Filtered(const TaskSource& source,
                                     const std::vector<std::pair<std::string, std::string>>& filters) {
  std::map<std::string, std::set<std::string>> wanted;
  for (const auto& [key, value] : filters) wanted[key].insert(value);
  std::map<std::string, std::set<std::string>> known;  // to name what would have been possible
  std::vector<size_t> kept;
  for (size_t i = 0; i < source.refs().size(); ++i) {
    const Result<std::shared_ptr<const Task>> task = source.Load(i);
    if (!task) return task.error();
    const auto attributes = Attributes(**task);
    for (const auto& [key, value] : attributes) known[key].insert(value);
    const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& want) {
      const auto [first, last] = attributes.equal_range(want.first);
      return std::any_of(first, last, [&](const auto& has) { return want.second.count(has.second) > 0; });
    });
    if (fits) kept.push_back(i);
  }
  std::vector<std::string> keys;
  for (const auto& [key, values] : known) keys.push_back(key);
  for (const auto& [key, values] : wanted) {
    if (known.count(key) == 0) {
      std::string all;
      for (const std::string& candidate : keys) all += (all.empty() ? "" : ", ") + candidate;
      return UsageError("--filter", "no task has " + Quoted(key), DidYouMean(key, keys, "known: " + all));
    }
    for (const std::string& value : values) {
      if (known[key].count(value) > 0) continue;
      const std::vector<std::string> candidates(known[key].begin(), known[key].end());
      return UsageError("--filter", "no task has " + key + " " + Quoted(value), DidYouMean(value, candidates));
    }
  }
  return kept;
}

Result<std::vector<size_t>> WithIds(const TaskSource& source, const std::vector<size_t>& candidates,
                                    const std::vector<std::string>& ids) {
  std::vector<std::string> whole;
  std::vector<std::string> stems;
  const std::string prefix = source.suite() + "/";
  for (const TaskRef& ref : source.refs()) {
    whole.push_back(ref.id);
    stems.push_back(ref.id.rfind(prefix, 0) == 0 ? ref.id.substr(prefix.size()) : ref.id);
  }
  std::set<size_t> wanted;
  for (const std::string& id : ids) {
    bool found = false;
    for (size_t i = 0; i < whole.size(); ++i) {
      if (id != whole[i] && id != stems[i]) continue;
      wanted.insert(i);
      found = true;
    }
    if (!found) {
      const bool has_suite = id.find('/') != std::string::npos;
      return UsageError("--task-id", "unknown task " + Quoted(id), DidYouMean(id, has_suite ? whole : stems));
    }
  }
  std::vector<size_t> kept;
  for (const size_t i : candidates) {
    if (wanted.count(i) > 0) kept.push_back(i);
  }
  return kept;
}

}  // namespace

std::string TaskSelection::ToString() const {
  std::vector<std::string> parts;
  std::set<std::pair<std::string, std::string>> sorted_filters(filters.begin(), filters.end());
  for (const auto& [key, value] : sorted_filters) parts.push_back("filter=" + key + "=" + value);
  const std::set<std::string> sorted_ids(ids.begin(), ids.end());
  std::string joined;
  for (const std::string& id : sorted_ids) joined += (joined.empty() ? "" : ",") + id;
  if (!joined.empty()) parts.push_back("task-id=" + joined);
  if (shuffle_seed) parts.push_back("shuffle=" + *shuffle_seed);
  if (limit) parts.push_back("limit=" + std::to_string(limit->first) + "-" + std::to_string(limit->second));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

Result<TaskSelection> ParseTaskSelection(const std::string& limit, const std::string& task_ids,
                                         const std::vector<std::string>& filters,
                                         const std::optional<std::string>& shuffle_seed) {
  TaskSelection selection;
  selection.shuffle_seed = shuffle_seed;
  if (!limit.empty()) {
    const size_t dash = limit.find('-');
    const std::optional<int64_t> first =
        dash == std::string::npos ? std::optional<int64_t>(1) : ReadRank(std::string_view(limit).substr(0, dash));
    const std::optional<int64_t> last = ReadRank(std::string_view(limit).substr(dash == std::string::npos ? 0 : dash + 1));
    if (!first || !last || *first > *last) {
      return UsageError("--limit", "expected a number such as 10 or a range such as 10-20, got " + Quoted(limit));
    }
    selection.limit = {*first, *last};
  }
  for (size_t start = 0; start < task_ids.size();) {
    const size_t end = std::min(task_ids.find(',', start), task_ids.size());
    const std::string id(TrimPython(std::string_view(task_ids).substr(start, end - start)));
    if (!id.empty()) selection.ids.push_back(id);
    start = end + 1;
  }
  if (!task_ids.empty() && selection.ids.empty()) {
    return UsageError("--task-id", "expected ids divided by commas, got " + Quoted(task_ids));
  }
  for (const std::string& filter : filters) {
    const size_t equals = filter.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError("--filter", "expected KEY=VALUE, got " + Quoted(filter));
    }
    selection.filters.emplace_back(filter.substr(0, equals), filter.substr(equals + 1));
  }
  return selection;
}

Result<std::vector<size_t>> SelectTasks(const TaskSource& source, const TaskSelection& selection) {
  std::vector<size_t> selected(source.refs().size());
  for (size_t i = 0; i < selected.size(); ++i) selected[i] = i;
  if (!selection.filters.empty()) {
    Result<std::vector<size_t>> kept = Filtered(source, selection.filters);
    if (!kept) return kept;
    selected = std::move(*kept);
  }
  if (!selection.ids.empty()) {
    Result<std::vector<size_t>> kept = WithIds(source, selected, selection.ids);
    if (!kept) return kept;
    selected = std::move(*kept);
  }
  if (selection.shuffle_seed) {
    std::vector<std::pair<std::string, size_t>> keyed;
    for (const size_t i : selected) {
      keyed.emplace_back(Sha256(*selection.shuffle_seed + "\n" + source.refs()[i].id), i);
    }
    std::sort(keyed.begin(), keyed.end());
    for (size_t i = 0; i < keyed.size(); ++i) selected[i] = keyed[i].second;
  }
  if (selected.empty()) {
    return UsageError("", "no task of " + Quoted(source.suite()) + " is in the selection",
                      "drop one of --filter and --task-id");
  }
  if (selection.limit) {
    const auto [first, last] = *selection.limit;
    if (first > static_cast<int64_t>(selected.size())) {
      return UsageError("--limit", "starts at " + std::to_string(first) + ", but there are only " +
                                       std::to_string(selected.size()) + " tasks");
    }
    if (last < static_cast<int64_t>(selected.size())) selected.resize(static_cast<size_t>(last));
    selected.erase(selected.begin(), selected.begin() + (first - 1));
  }
  return selected;
}

std::vector<size_t> TasksOfShard(const TaskSource& source, int index, int count) {
  const std::vector<TaskRef>& refs = source.refs();
  std::vector<size_t> order(refs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tie(refs[a].digest, refs[a].id) < std::tie(refs[b].digest, refs[b].id);
  });
  std::vector<size_t> own;
  for (auto i = static_cast<size_t>(index - 1); i < order.size(); i += static_cast<size_t>(count)) own.push_back(order[i]);
  std::sort(own.begin(), own.end());
  return own;
}

std::string DigestOfTasks(const TaskSource& source, const std::vector<size_t>& indexes) {
  Sha256Stream stream;
  for (const size_t i : indexes) {
    const TaskRef& ref = source.refs().at(i);
    stream.Update(ref.id);
    stream.Update(" ");
    stream.Update(ref.digest);
    stream.Update("\n");
  }
  return stream.Hex();
}

}  // namespace axiometer
