#include "reports/benchmarks.h"

#include <span>

namespace axiometer {
namespace {

// By protocol; each entry is declared in reports/NAME.h.
constexpr std::span<const BenchmarkReport* const> kReports;

}  // namespace

const BenchmarkReport* FindBenchmarkReport(const std::string& protocol) {
  for (const BenchmarkReport* report : kReports) {
    if (protocol == report->protocol) return report;
  }
  return nullptr;
}

}  // namespace axiometer
