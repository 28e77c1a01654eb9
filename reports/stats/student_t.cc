#include "reports/stats/student_t.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <exception>

namespace axiometer {
namespace {

// What `compute` of the distribution gives, if that is a number.
template <class Compute>
std::optional<double> Guarded(double df, Compute compute) {
  if (!(df > 0) || !std::isfinite(df)) return std::nullopt;
  try {
    const double result = compute(boost::math::students_t(df));
    if (std::isfinite(result)) return result;
  } catch (const std::exception&) {  // overflow and domain errors
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> UpperTQuantile(double tail, double df) {
  if (!(tail > 0 && tail < 1)) return std::nullopt;
  return Guarded(df, [tail](const boost::math::students_t& t) {
    return boost::math::quantile(boost::math::complement(t, tail));
  });
}

std::optional<double> TCdf(double t, double df) {
  if (!std::isfinite(t)) return std::nullopt;
  return Guarded(df, [t](const boost::math::students_t& law) { return boost::math::cdf(law, t); });
}

std::optional<double> TwoSidedP(double t, double df) {
  const std::optional<double> tail = TCdf(-std::fabs(t), df);
  if (!tail) return std::nullopt;
  return std::min(1.0, 2 * *tail);
}

}  // namespace axiometer
