#include <map>

#include "reports/csv_text.h"
#include "reports/document.h"

namespace axiometer {

std::string ToCsv(const Document& document) {
  std::map<std::string, size_t> places;  // of group names, in alphabetical order
  for (const Metric& metric : document.metrics) {
    for (const auto& [name, text] : metric.group) places.emplace(name, 0);
  }
  std::vector<std::string> header{"run", "suite", "protocol", "metric"};
  for (auto& [name, place] : places) {
    place = header.size();
    header.push_back(CsvText("group_" + name));
  }
  for (const char* name :
       {"value", "low", "high", "level", "method", "scored", "unscored", "reason", "bound_low", "bound_high"}) {
    header.emplace_back(name);
  }
  std::string out = CsvLine(header);
  for (const Metric& metric : document.metrics) {
    std::vector<std::string> cells{CsvText(metric.run), CsvText(metric.suite), CsvText(metric.protocol),
                                   CsvText(metric.metric)};
    cells.resize(4 + places.size());
    for (const auto& [name, text] : metric.group) cells[places.at(name)] = CsvText(text);
    const auto number = [&cells](const std::optional<double>& of) { cells.push_back(CsvNumber(of)); };
    const auto of_interval = [&](double Interval::*part) {
      number(metric.interval ? std::optional<double>((*metric.interval).*part) : std::nullopt);
    };
    number(metric.value);
    of_interval(&Interval::low);
    of_interval(&Interval::high);
    of_interval(&Interval::level);
    cells.push_back(metric.interval ? CsvText(metric.method) : "");
    cells.push_back(std::to_string(metric.scored));
    cells.push_back(std::to_string(metric.unscored));
    cells.push_back(CsvText(metric.reason));
    number(metric.bounds ? std::optional<double>(metric.bounds->low) : std::nullopt);
    number(metric.bounds ? std::optional<double>(metric.bounds->high) : std::nullopt);
    out += CsvLine(cells);
  }
  return out;
}

}  // namespace axiometer
