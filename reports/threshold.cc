#include "reports/threshold.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "reports/csv_text.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

constexpr char kOption[] = "--fail-below";

Error Malformed(const std::string& text, const std::string& what) {
  return UsageError(kOption, Quoted(text) + ": " + what,
                    "write METRIC=NUMBER or METRIC[NAME=TEXT]=NUMBER, with names as `report --json` has them and \\, for a comma of TEXT");
}

// The member that the metric has under this name; null: none.
const std::string* MemberOf(const Metric& metric, const std::string& name) {
  if (name == "run") return &metric.run;
  if (name == "suite") return &metric.suite;
  if (name == "protocol") return &metric.protocol;
  for (const auto& [key, text] : metric.group) {
    if (key == name) return &text;
  }
  return nullptr;
}

bool Fits(const Threshold& threshold, const Metric& metric) {
  if (metric.metric != threshold.metric) return false;
  return std::all_of(threshold.group.begin(), threshold.group.end(), [&](const auto& wanted) {
    const std::string* text = MemberOf(metric, wanted.first);
    // A run may be named by the beginning of its id, as everywhere.
    if (wanted.first == "run") return text->starts_with(wanted.second);
    return text != nullptr && *text == wanted.second;
  });
}

// The metrics that are meant, of one run.
std::vector<const Metric*> Meant(const Threshold& threshold, const std::string& run,
                                 const std::vector<Metric>& metrics) {
  std::map<std::string, size_t> fewest;  // by protocol
  for (const Metric& metric : metrics) {
    if (metric.run != run || !Fits(threshold, metric)) continue;
    const auto [found, added] = fewest.emplace(metric.protocol, metric.group.size());
    if (!added) found->second = std::min(found->second, metric.group.size());
  }
  std::vector<const Metric*> meant;
  for (const Metric& metric : metrics) {
    if (metric.run != run || !Fits(threshold, metric)) continue;
    if (metric.group.size() == fewest.at(metric.protocol)) meant.push_back(&metric);
  }
  return meant;
}

// As the option would have it.
std::string AsWritten(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ',' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string Shown(const Metric& metric) {
  std::string text = metric.metric;
  for (const auto& [name, of] : metric.group) {
    text += (text.size() == metric.metric.size() ? "[" : ",") + name + "=" + AsWritten(of);
  }
  return text.size() == metric.metric.size() ? text : text + "]";
}

std::string Denominator(const Metric& metric) {
  std::string text = " (" + metric.protocol + ", run " + metric.run + "; " + Grouped(metric.scored) + " scored, " +
                     Grouped(metric.unscored) + " unscored; ";
  if (!metric.interval) return text + "no interval)";
  return text + Fixed(100 * metric.interval->level, 0) + " % interval " + Fixed(metric.interval->low, 4) + " to " +
         Fixed(metric.interval->high, 4) + ", " + metric.method + ")";
}

std::string Absent(const Threshold& threshold, const std::string& run, const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  bool known = false;
  for (const Metric& metric : metrics) {
    known = known || metric.metric == threshold.metric;
    if (std::find(names.begin(), names.end(), metric.metric) == names.end()) names.push_back(metric.metric);
  }
  std::string text = threshold.text + ": run " + run + " has no such metric";
  if (known) return text + " in this group";
  const std::string hint = DidYouMean(threshold.metric, names, "");
  return hint.empty() ? text : text + ": " + hint;
}

}  // namespace

Result<Threshold> ParseThreshold(const std::string& text) {
  Threshold out;
  out.text = text;
  const size_t open = text.find('[');
  const size_t equal = text.find('=');
  if (equal == std::string::npos) return Malformed(text, "the number is missing");
  size_t at = std::min(open, equal);
  out.metric = text.substr(0, at);
  if (out.metric.empty()) return Malformed(text, "the metric is missing");
  if (open < equal) {
    std::string name;
    std::string word;
    bool named = false;
    bool closed = false;
    for (++at; at < text.size() && !closed; ++at) {
      const char c = text[at];
      if (c == '\\' && at + 1 < text.size()) {
        word += text[++at];
      } else if (c == '=' && !named) {
        name = std::exchange(word, "");
        named = true;
      } else if (c == ',' || c == ']') {
        if (!named || name.empty()) return Malformed(text, "a member of the group is no NAME=TEXT");
        out.group.emplace_back(std::exchange(name, ""), std::exchange(word, ""));
        named = false;
        closed = c == ']';
      } else {
        word += c;
      }
    }
    if (!closed || at >= text.size() || text[at] != '=') return Malformed(text, "expected \"]=NUMBER\" at its end");
  }
  const char* const begin = text.data() + at + 1;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(begin, end, out.least);
  if (begin == end || error != std::errc() || read != end || !std::isfinite(out.least)) {
    return Malformed(text, Quoted(std::string(begin, end)) + " is no number");
  }
  return out;
}

ThresholdResult Hold(const Threshold& threshold, const std::vector<RunData>& runs, const std::vector<Metric>& metrics) {
  ThresholdResult out{threshold, {}, ""};
  const auto named = std::find_if(threshold.group.begin(), threshold.group.end(),
                                  [](const auto& member) { return member.first == "run"; });
  std::optional<double> lowest;
  bool any_run = false;
  for (const RunData& run : runs) {
    const std::string& id = run.summary.run.id;
    if (named != threshold.group.end() && !id.starts_with(named->second)) continue;
    any_run = true;
    const std::vector<const Metric*> meant = Meant(threshold, id, metrics);
    if (meant.empty()) out.missed.push_back(Absent(threshold, id, metrics));
    for (const Metric* metric : meant) {
      const std::string what = threshold.text + ": " + Shown(*metric) + " ";
      if (!metric->value) {
        out.missed.push_back(what + "has no value: " + metric->reason + Denominator(*metric));
        continue;
      }
      const std::string number = CsvNumber(metric->value);
      if (*metric->value < threshold.least) {
        out.missed.push_back(what + "is " + number + Denominator(*metric));
      } else if (!lowest || *metric->value < *lowest) {
        lowest = metric->value;
        out.met = what + "is " + number + Denominator(*metric);
      }
    }
  }
  if (!any_run) out.missed.push_back(threshold.text + ": the report has no such run");
  return out;
}

}  // namespace axiometer
