#include "reports/benchmarks.h"

#include "reports/dvmap.h"
#include "reports/nurvalues.h"
#include "reports/valueprism.h"

namespace axiometer {
namespace {

// By protocol; each entry is declared in reports/NAME.h.
constexpr const BenchmarkReport* kReports[] = {&kDvmapReport, &kNurvaluesReport, &kValuePrismReport};

}  // namespace

const BenchmarkReport* FindBenchmarkReport(const std::string& protocol) {
  for (const BenchmarkReport* report : kReports) {
    if (protocol == report->protocol) return report;
  }
  return nullptr;
}

}  // namespace axiometer
